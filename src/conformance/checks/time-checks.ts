import { encodeRequestFrame } from '../../runtime/wire/frame.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { broken, type Check, notMade } from '../check.ts';
import { openRawLink } from '../raw/open-raw-link.ts';
import type { RawLink } from '../raw/raw-link.ts';
import { answerMs, errorCodeOf, toldResponse } from '../subject/exchange.ts';
import type { KnownCall, Subject } from '../subject/subject.ts';

/** Milliseconds in which a plugin has to act on a cancel or a deadline. */
const soonMs = 2_000;

const noCall = notMade('no case with `slow: true` names a call that takes at least 3 s');

/** Sends a slow call with its own bytes, so that nothing but the plugin watches its time. */
async function slowCall(
	subject: Subject,
	work: (link: RawLink, frame: Uint8Array) => Promise<ReturnType<typeof broken>>,
	timeoutMs: number,
) {
	const call: KnownCall | undefined = await subject.callOf('slow');
	if (!call) return noCall;
	const { address, identity } = await subject.instance();
	if (address.carrier === 'tcp+plain') return notMade('raw bytes are sent over QUIC and TCP only');
	await using link = await openRawLink({ address, identity, timeoutMs: answerMs });
	const toolCall = { toolName: call.tool, arguments: call.args };
	return await work(link, encodeRequestFrame({ requestId: 'slow', timeoutMs, toolCall }));
}

/** The answer, or in words that none came in time. */
async function soon(link: RawLink) {
	try {
		return { response: await link.next(soonMs) };
	} catch (error) {
		if (error instanceof OrchestraError && error.code === 'deadline_exceeded') return undefined;
		throw error;
	}
}

export const timeChecks: readonly Check[] = [
	{
		number: 501,
		name: 'deadline',
		profile: 'full',
		needs: 'calls',
		why: 'A caller that has given up leaves a handler behind that works for nobody.',
		goSdk: 'does not read deadlines',
		run: (subject) =>
			slowCall(
				subject,
				async (link, frame) => {
					link.write(frame);
					const came = await soon(link);
					if (came?.response && errorCodeOf(came.response) === 'deadline_exceeded') return undefined;
					const expected = 'deadline_exceeded when the 200 ms of timeout_ms have passed';
					return broken(expected, came ? toldResponse(came.response) : `nothing within ${soonMs} ms`);
				},
				200,
			),
	},
	{
		number: 502,
		name: 'cancel',
		profile: 'full',
		needs: 'calls',
		why: 'As with deadlines: whoever presses Ctrl-C wants the work to stop.',
		goSdk: 'cannot cancel a unary call',
		run: (subject) =>
			slowCall(
				subject,
				async (link, frame) => {
					link.write(frame);
					link.write(encodeRequestFrame({ requestId: 'slow', streamCancel: { streamId: 'slow' } }));
					const came = await soon(link);
					const code = came?.response && errorCodeOf(came.response);
					if (came && (came.response === undefined || code === 'cancelled')) return undefined;
					return broken(
						'cancelled, soon after stream_cancel with the request_id of the call',
						came ? toldResponse(came.response) : `nothing within ${soonMs} ms`,
					);
				},
				0,
			),
	},
];
