import { encodeRequestFrame } from '../../runtime/wire/frame.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { broken, type Check, notMade } from '../check.ts';
import { openRawLink } from '../raw/open-raw-link.ts';
import { answerMs, toldResponse } from '../subject/exchange.ts';
import type { Subject } from '../subject/subject.ts';

/** Milliseconds in which a server tells who has no certificate to go. */
const refusalMs = 5_000;

/** Codes of failed starts that are about the certificate of a plugin. */
const certificateCodes = new Set([
	'handshake_failed',
	'peer_untrusted',
	'peer_expired',
	'peer_not_yet_valid',
	'peer_rejected',
	'certificate_invalid',
]);

/** Codes of failed starts that are about the steps after the handshake. */
const bootCodes = new Set(['boot_failed', 'registration_rejected', 'deadline_exceeded', 'invalid_response']);

/** The check that tells of a failed start. */
function partOf(error: unknown): 'ready-line' | 'certificate' | 'identity' | 'boot' | undefined {
	if (error === undefined) return undefined;
	const code = error instanceof OrchestraError ? error.code : '';
	if (certificateCodes.has(code)) return 'certificate';
	if (code === 'identity_mismatch' || code === 'invalid_name') return 'identity';
	return bootCodes.has(code) ? 'boot' : 'ready-line';
}

/** Finding about a start that failed in the given part; undefined where it did not fail, or failed in another part. */
function failureOf(subject: Subject, part: ReturnType<typeof partOf>, expected: string) {
	if (partOf(subject.startFailure) !== part) {
		return subject.startFailure === undefined ? undefined : notMade('it did not come so far');
	}
	const { message, hint } = OrchestraError.from(subject.startFailure, 'internal');
	return broken(expected, hint ? `${message}. ${hint}` : message);
}

export const startChecks: readonly Check[] = [
	{
		number: 101,
		name: 'ready-line',
		profile: 'core',
		needs: 'process',
		why: 'A host dials the address in this line; without it every start fails when its time is up.',
		run: async (subject) =>
			failureOf(subject, 'ready-line', 'READY HOST:PORT on stderr, within 10 s of its start'),
	},
	{
		number: 102,
		name: 'certificate',
		profile: 'core',
		needs: 'process',
		why: 'A host talks only to a process that proves with a certificate of its authority who it is.',
		run: async (subject) =>
			failureOf(
				subject,
				'certificate',
				'a handshake of TLS 1.3 with a certificate of the authority in --certs-dir',
			),
	},
	{
		number: 103,
		name: 'identity',
		profile: 'core',
		needs: 'process',
		why: 'Rights go by the name on the certificate: under another one its calls are refused, or are taken for those of somebody else.',
		async run(subject) {
			const expected = 'one id, on its certificate, in its registration and in --manifest';
			const failed = failureOf(subject, 'identity', expected);
			if (failed) return failed;
			const { connection, registration } = await subject.instance();
			const names = new Map([['its certificate', connection.peer.name]]);
			if (registration) {
				names.set('its registration', registration.manifest.id ?? '');
				names.set('the certificate that it registers with', registration.peer.replace(/-client$/, ''));
			}
			const told = idOf((await subject.runManifest()).stdout);
			if (told !== undefined) names.set('--manifest', told);
			if (new Set(names.values()).size === 1) return undefined;
			return broken(
				expected,
				[...names].map(([where, name]) => `${where} says ${JSON.stringify(name)}`).join(', '),
			);
		},
	},
	{
		number: 104,
		name: 'strangers-refused',
		profile: 'full',
		why: 'Whoever reaches the port could call every tool.',
		goSdk: 'lets in clients that have no certificate',
		async run(subject) {
			const { address, identity } = await subject.instance();
			if (address.carrier === 'tcp+plain') return notMade('tcp+plain has no certificates');
			try {
				await using link = await openRawLink({ address, identity, anonymous: true, timeoutMs: answerMs });
				link.write(encodeRequestFrame({ requestId: 'stranger', listTools: {} }), true);
				const answer = await link.next(refusalMs);
				return (
					answer &&
					broken('that a client without a certificate is refused', `it answered ${toldResponse(answer)}`)
				);
			} catch (error) {
				// A refusal in the handshake, or no answer: the stranger got nothing.
				if (error instanceof OrchestraError) return undefined;
				throw error;
			}
		},
	},
	{
		number: 105,
		name: 'registers',
		profile: 'core',
		needs: 'process',
		why: 'Its registration is the only place of the core protocol with its whole manifest: a host without it knows neither its storage nor its needs.',
		async run(subject) {
			const { registration } = await subject.instance();
			if (registration) return undefined;
			return broken(
				'a register request to --orchestrator-addr, with its manifest',
				'none within 5 s of its start',
			);
		},
	},
	{
		number: 106,
		name: 'boots',
		profile: 'core',
		needs: 'process',
		why: 'A plugin that does not answer register, boot and list_tools is never given a call.',
		run: async (subject) => failureOf(subject, 'boot', 'register accepted, boot ready, and its tools listed'),
	},
	{
		number: 107,
		name: 'describes-itself',
		profile: 'full',
		why: 'Without describe only the host that started it learns its manifest, and nobody learns which extensions it understands.',
		goSdk: 'does not know describe',
		async run(subject) {
			const { description, connection } = await subject.instance();
			if (!description) return broken('an answer to describe', 'that it does not know such requests');
			const [plugin] = description.plugins;
			if (description.plugins.length === 1 && plugin?.id === connection.peer.name) return undefined;
			const ids = description.plugins.map(({ id }) => id).join(', ');
			return broken(`a description of the one plugin ${connection.peer.name}`, `one of ${ids || 'none'}`);
		},
	},
];

function idOf(manifest: string): string | undefined {
	try {
		return String((JSON.parse(manifest) as { id?: unknown }).id);
	} catch {
		// Faults of the manifest are told by its own check.
		return undefined;
	}
}
