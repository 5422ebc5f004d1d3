import { encodeRequestFrame } from '../../runtime/wire/frame.ts';
import { maxMessageBytes } from '../../runtime/wire/limits.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { broken, type Check, type Finding, notMade } from '../check.ts';
import { openRawLink } from '../raw/open-raw-link.ts';
import type { RawLink } from '../raw/raw-link.ts';
import { answerMs, exchange, toldResponse } from '../subject/exchange.ts';
import type { Subject } from '../subject/subject.ts';

/** Milliseconds that a plugin gets for bytes that deserve no answer. */
const patienceMs = 3_000;

/** Milliseconds between two pieces of a frame. */
const pauseMs = 20;

async function withLink(subject: Subject, work: (link: RawLink) => Promise<Finding>): Promise<Finding> {
	const { address, identity } = await subject.instance();
	if (address.carrier === 'tcp+plain') return notMade('raw bytes are sent over QUIC and TCP only');
	await using link = await openRawLink({ address, identity, timeoutMs: answerMs });
	return await work(link);
}

/** Sends bytes that are no request. Whatever the plugin does with them, others are served as before. */
function hostileBytes(bytes: () => Uint8Array, what: string, end = true): Check['run'] {
	return async (subject) => {
		const before = await subject.instance();
		const finding = await withLink(subject, async (link) => {
			link.write(bytes(), end);
			try {
				await link.next(patienceMs);
			} catch (error) {
				// It may wait for more, or answer nonsense: what counts is that it lives.
				if (!(error instanceof OrchestraError)) throw error;
			}
			return undefined;
		});
		if (finding) return finding;
		const expected = `that ${what} costs its sender the connection, and nobody else anything`;
		try {
			await exchange(before.connection, { health: {} });
			return undefined;
		} catch (error) {
			return broken(expected, `after it health fails: ${OrchestraError.from(error, 'internal').message}`);
		}
	};
}

function header(length: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(length);
	return bytes;
}

export const frameChecks: readonly Check[] = [
	{
		number: 601,
		name: 'large-frame',
		profile: 'core',
		why: 'Messages may have 16 MiB: arguments with a file in them are not unusual.',
		run: async (subject) => {
			const { connection } = await subject.instance();
			const text = 'x'.repeat(maxMessageBytes - 1024);
			const toolCall = { toolName: 'orchestra_conformance_no_such_tool', arguments: { text } };
			const { last } = await exchange(connection, { toolCall }, 3 * answerMs);
			return last.toolCall
				? undefined
				: broken('an answer to a request of nearly 16 MiB', toldResponse(last));
		},
	},
	{
		number: 602,
		name: 'frame-in-pieces',
		profile: 'core',
		why: 'Networks cut frames anywhere; the length says where one ends, not a packet, and not the end of the stream.',
		run: (subject) =>
			withLink(subject, async (link) => {
				const frame = encodeRequestFrame({ requestId: 'pieces', health: {} });
				for (const end of [2, 5, frame.length]) {
					const from = end === 2 ? 0 : end === 5 ? 2 : 5;
					link.write(frame.subarray(from, end));
					await new Promise((resolve) => setTimeout(resolve, pauseMs));
				}
				const expected = 'an answer to a frame that comes in three pieces, before the stream ends';
				try {
					const answer = await link.next(patienceMs);
					return answer?.health ? undefined : broken(expected, toldResponse(answer));
				} catch (error) {
					return broken(expected, OrchestraError.from(error, 'internal').message);
				}
			}),
	},
	{
		number: 603,
		name: 'oversized-frame',
		profile: 'core',
		why: 'A length is easily written: who reserves memory for it, or reads it all, is brought down by four bytes.',
		run: hostileBytes(
			() => Buffer.concat([header(maxMessageBytes + 1), Buffer.alloc(64)]),
			'a frame of more than 16 MiB',
			false,
		),
	},
	{
		number: 604,
		name: 'malformed-frame',
		profile: 'core',
		why: 'One broken peer must not end the plugin for all others.',
		run: hostileBytes(
			() => Buffer.concat([header(6), Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0x0f])]),
			'a frame that holds no message',
		),
	},
	{
		number: 605,
		name: 'half-frame',
		profile: 'core',
		why: 'Callers die in the middle of a frame.',
		run: hostileBytes(
			() => encodeRequestFrame({ requestId: 'half', health: {} }).subarray(0, 6),
			'half a frame',
		),
	},
];
