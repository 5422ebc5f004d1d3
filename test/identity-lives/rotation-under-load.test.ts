import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { formatAddress, type NetworkCarrier } from '../../src/runtime/carrier/address.ts';
import { openDirectoryIdentity } from '../../src/runtime/identity/sources/open-identity.ts';
import { renewIdentities } from '../../src/runtime/identity/upkeep/renew-identities.ts';
import { revoke } from '../../src/runtime/identity/upkeep/revoke.ts';
import { finishRotation, rotateAuthority } from '../../src/runtime/identity/upkeep/rotate-authority.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { temporaryDir } from '../identity/fixtures/temporary-dir.ts';
import { quicWorks } from '../launching/quic-works.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { JsonChild, program } from './fixtures/child.ts';

interface Report {
	readonly sent: number;
	readonly answered: number;
	readonly failed: number;
	readonly dials: number;
	readonly dialsFailed: number;
	readonly errors: Record<string, number>;
	readonly open: boolean;
	readonly certificate: string;
}

const carriers: NetworkCarrier[] = (await quicWorks()) ? ['tcp', 'quic'] : ['tcp'];
const folder = scratchFolder('load');
let callerFile = '';

beforeAll(async () => {
	callerFile = await program('caller.ts', folder);
});

/** Calls of one second, of all clients together. */
const callsPerSecond = 1000;

/** Waits until a client has called and connected some more. */
async function moreOf(child: JsonChild<Report>): Promise<void> {
	const before = await child.ask('report');
	const isOn = async () => {
		const { sent, dials } = await child.ask('report');
		return sent >= before.sent + 100 && dials >= before.dials + 3;
	};
	await expect.poll(isOn).toBe(true);
}

test('a rotation, a renewal and a revocation under load lose no call but those of who was revoked', async () => {
	const certsDir = await temporaryDir();
	const identity = await openDirectoryIdentity(certsDir, 'orchestrator');
	const refused: string[] = [];
	await using orchestrator = new Orchestrator({
		identity,
		onLog: ({ message }) => refused.push(message),
	});
	const plugin = createPlugin('echoes').registerTool(
		'echo',
		{ description: 'Says it again.' },
		(args) => args,
	);
	await orchestrator.embed(plugin.build());
	const clients: { name: string; child: JsonChild<Report> }[] = [];
	onTestFinished(async () => {
		await Promise.all(clients.map(({ child }) => child[Symbol.asyncDispose]()));
	});
	for (const carrier of carriers) {
		const listener = await orchestrator.listen({ carrier, host: '127.0.0.1', port: 0 });
		for (const kind of ['good', 'other', 'bad']) {
			const name = `${carrier}-${kind}`;
			const rate = String(callsPerSecond / (carriers.length * 3));
			const args = [formatAddress(listener.address), certsDir, name, rate];
			clients.push({ name, child: new JsonChild<Report>(callerFile, args) });
		}
	}
	await Promise.all(clients.map(({ child }) => child.next()));
	/** Lets all of them call and connect on for a while: on a busy machine it is a longer one. */
	const goOn = () => Promise.all(clients.map(({ child }) => moreOf(child)));
	await goOn();

	await rotateAuthority(certsDir);
	await goOn();
	await renewIdentities(certsDir, undefined, { newKey: true });
	await goOn();
	await Promise.all(carriers.map((carrier) => revoke(certsDir, { name: `${carrier}-bad` }, 'a test')));
	await goOn();
	const bad = clients.filter(({ name }) => name.endsWith('-bad'));
	const states = () => Promise.all(bad.map(async ({ child }) => (await child.ask('report')).open));
	await expect.poll(states).toEqual(bad.map(() => false));
	await goOn();
	// Whoever has not heard of the new authority when the former one ends is shut out.
	const holders = [
		{ name: 'orchestrator', certificate: async () => identity.current.certificatePem },
		...clients
			.filter((client) => !bad.includes(client))
			.map(({ name, child }) => ({ name, certificate: async () => (await child.ask('report')).certificate })),
	];
	const isNew = async ({ name, certificate }: (typeof holders)[number]) =>
		(await certificate()) === (await readFile(join(certsDir, `${name}.crt`), 'utf8'));
	await expect.poll(() => Promise.all(holders.map(isNew))).toEqual(holders.map(() => true));
	await finishRotation(certsDir);
	await goOn();

	const reports = await Promise.all(
		clients.map(async ({ name, child }) => ({ name, ...(await child.ask('stop')) })),
	);
	for (const report of reports) {
		if (report.name.endsWith('-bad')) {
			// Served until it was revoked, then told so, on the connection that stood and on each new one.
			expect(report.answered, report.name).toBeGreaterThan(100);
			expect(report.open, report.name).toBe(false);
			expect(report.errors.certificate_revoked, JSON.stringify(report)).toBeGreaterThan(0);
			continue;
		}
		expect(report, report.name).toMatchObject({ failed: 0, dialsFailed: 0, errors: {}, open: true });
		expect(report.answered, report.name).toBe(report.sent);
		expect(report.sent, report.name).toBeGreaterThan(200);
		expect(report.dials, report.name).toBeGreaterThan(5);
	}
	for (const carrier of carriers) {
		expect(refused.some((message) => message.includes(`${carrier}-bad`) && message.includes('revoked'))).toBe(
			true,
		);
	}
});
