import { encodeRequestFrame } from '../../runtime/wire/frame.ts';
import type { PluginResponse } from '../../runtime/wire/generated/messages.ts';
import { broken, type Check, type Finding, notMade } from '../check.ts';
import { openRawLink } from '../raw/open-raw-link.ts';
import { type Answers, answerMs, errorCodeOf, exchange, toldResponse } from '../subject/exchange.ts';
import type { KnownCall, Subject } from '../subject/subject.ts';

const noCall = notMade('it has no streaming tool, or no case says how one can be called');

/** Milliseconds that a whole stream may take. */
const streamMs = 20_000;

/** Milliseconds that a stream lasts at least so that a cancel can arrive before its end. */
const shortMs = 500;

/** Chunks after which a stream that is looked at is taken for one without end. */
const mostChunks = 10_000;

async function readStream(subject: Subject, call: KnownCall): Promise<Answers> {
	const { connection } = await subject.instance();
	const streamStart = { streamId: 'conformance', toolName: call.tool, arguments: call.args };
	return exchange(connection, { streamStart }, streamMs);
}

/** Reads a stream and looks at it. One that fails for arguments that were made up says nothing. */
async function lookAt(
	subject: Subject,
	look: (chunks: readonly PluginResponse[], end: PluginResponse) => Finding,
): Promise<Finding> {
	const call = await subject.callOf('streaming');
	if (!call) return noCall;
	const { before, last } = await readStream(subject, call);
	const failed = errorCodeOf(last);
	if (failed !== undefined && !call.known)
		return notMade(`${call.tool} failed with ${failed} for arguments made up from its schema: write a case`);
	if (!last.streamEnd?.success)
		return broken(`a stream_end with success of ${call.tool}`, toldResponse(last));
	return look(before.filter(({ streamChunk }) => streamChunk).slice(0, mostChunks), last);
}

export const streamChecks: readonly Check[] = [
	{
		number: 401,
		name: 'unknown-stream',
		profile: 'core',
		why: 'A stream that does not exist has to end, or its reader waits for ever.',
		async run(subject) {
			const { connection } = await subject.instance();
			const streamStart = { streamId: 'none', toolName: 'orchestra_conformance_no_such_tool', arguments: {} };
			const { last } = await exchange(connection, { streamStart });
			if (last.streamEnd && errorCodeOf(last) === 'tool_not_found') return undefined;
			return broken('a stream_end with the code tool_not_found', toldResponse(last));
		},
	},
	{
		number: 402,
		name: 'stream-order',
		profile: 'core',
		needs: 'calls',
		why: 'A reader finds out by the numbers that a chunk is missing.',
		run: (subject) =>
			lookAt(subject, (chunks) => {
				const at = chunks.findIndex(({ streamChunk }, i) => (streamChunk?.sequence ?? 0) !== i);
				if (at < 0) return undefined;
				return broken(`sequence ${at} on chunk ${at}`, String(chunks[at]?.streamChunk?.sequence ?? 0));
			}),
	},
	{
		number: 403,
		name: 'stream-total',
		profile: 'core',
		needs: 'calls',
		why: 'A reader finds out by the total that the last chunks are missing.',
		run: (subject) =>
			lookAt(subject, (chunks, { streamEnd }) => {
				const total = streamEnd?.totalChunks ?? 0;
				if (total === chunks.length) return undefined;
				return broken(`total_chunks ${chunks.length}, as many as came`, String(total));
			}),
	},
	{
		number: 404,
		name: 'stream-ids',
		profile: 'core',
		needs: 'calls',
		why: 'It is what a cancel names.',
		run: (subject) =>
			lookAt(subject, (chunks, { streamEnd }) => {
				const ids = [...chunks.map(({ streamChunk }) => streamChunk?.streamId), streamEnd?.streamId];
				const other = ids.find((id) => id !== 'conformance');
				return ids.every((id) => id === 'conformance')
					? undefined
					: broken(
							'the stream_id of the stream_start on each chunk and on the end',
							JSON.stringify(other ?? ''),
						);
			}),
	},
	{
		number: 405,
		name: 'stream-cancel',
		profile: 'core',
		needs: 'calls',
		why: 'What nobody reads any more goes on working, and costs, until the process ends.',
		async run(subject) {
			const call = await subject.callOf('streaming');
			if (!call) return noCall;
			const begin = performance.now();
			const whole = await readStream(subject, call);
			const count = whole.before.filter(({ streamChunk }) => streamChunk).length;
			if (count < 3 || performance.now() - begin < shortMs)
				return notMade(
					`the stream of ${call.tool} is too short to be cancelled: a case with one of a second would do`,
				);
			return cancelStream(subject, call, count);
		},
	},
];

/** Starts a stream, takes one chunk, cancels it in every way that there is, and counts what still comes. */
async function cancelStream(subject: Subject, call: KnownCall, whole: number): Promise<Finding> {
	const { address, identity } = await subject.instance();
	if (address.carrier === 'tcp+plain') return notMade('streams are cancelled over QUIC and TCP only');
	const options = { address, identity, timeoutMs: answerMs };
	await using link = await openRawLink(options);
	await using other = await openRawLink(options);
	const streamId = 'conformance-cancel';
	const cancel = { streamCancel: { streamId } };
	const streamStart = { streamId, toolName: call.tool, arguments: call.args };
	link.write(encodeRequestFrame({ requestId: streamId, streamStart }));
	await link.next(answerMs);
	// On the stream itself, and on another connection: a Go plugin reads but the latter.
	link.write(encodeRequestFrame({ requestId: streamId, ...cancel }));
	other.write(encodeRequestFrame({ requestId: 'cancel', ...cancel }), true);
	let chunks = 1;
	for (;;) {
		const response = await link.next(answerMs);
		if (!response?.streamChunk) break;
		chunks += 1;
	}
	if (chunks < whole) return undefined;
	return broken('that it ends soon after stream_cancel', `all of its ${chunks} chunks`);
}
