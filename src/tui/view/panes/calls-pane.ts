import type { CallFacts, LogFacts, ToldJson } from '../../feed/feed-message.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { loggedText } from '../../text/logged-text.ts';
import { formatBytes, formatClock, formatMs } from '../../text/quantities.ts';
import { type Tone, toneOfState } from '../../text/tone.ts';
import type { DetailSection } from '../detail-section.ts';
import { definePane } from '../pane.ts';

/** The calls under way and those that ended. */
export const callsPane = definePane<CallFacts>({
	name: 'calls',
	title: 'Calls',
	shortTitle: 'Calls',
	grows: true,
	empty: 'No call since this view opened. c makes one.',
	columns: [
		{ title: 'TIME', width: 8, goes: 3, text: ({ startedAt }) => formatClock(startedAt), tone: () => 'dim' },
		{ title: 'TOOL', width: 12, share: 3, goes: 0, text: ({ name }) => name },
		{ title: 'PLUGIN', width: 10, share: 1, goes: 5, text: ({ plugin }) => plugin, tone: () => 'dim' },
		{ title: 'CALLER', width: 8, share: 1, goes: 4, text: ({ caller }) => caller, tone: () => 'dim' },
		{ title: 'STATE', width: 9, goes: 0, text: ({ state }) => state, tone: toneOfCall },
		{
			title: 'TOOK',
			width: 6,
			align: 'right',
			goes: 0,
			text: ({ state, latencyMs, startedAt }, now) =>
				formatMs(state === 'running' ? Math.max(0, now - startedAt) : latencyMs),
			tone: ({ state }) => (state === 'running' ? 'accent' : 'plain'),
		},
		{
			title: '',
			width: 20,
			share: 5,
			goes: 2,
			text: callNote,
			tone: ({ state }) => (state === 'failed' ? 'bad' : 'dim'),
		},
	],
	items: ({ calls }) => calls,
	key: ({ id }) => id,
	haystack: ({ name, plugin, caller, state, error }) =>
		[name, plugin, caller, state, error?.code, error?.message].filter(Boolean).join(' '),
	summary: (call) => callNote(call) || `${call.name} of ${call.plugin}, called by ${call.caller}`,
	heading: ({ name, plugin }) => `Call of ${name}${plugin ? ` (${plugin})` : ''}`,
	detail: callDetail,
	copied: (call) => JSON.stringify(call, null, 2),
	count: ({ calls }) => calls.length,
});

function toneOfCall({ state }: CallFacts): Tone {
	return state === 'running' ? 'accent' : state === 'ok' ? 'good' : toneOfState(state);
}

/** Note on a call: its error, its progress, what it streamed. */
function callNote({ state, error, progress, chunks, streamedBytes }: CallFacts): string {
	if (error && state !== 'ok') return `${error.code}: ${error.message}`;
	const streamed = streamText(chunks, streamedBytes);
	if (state !== 'running' || !progress) return streamed;
	const { done, total, message } = progress;
	const share = total > 0 ? `${Math.floor((100 * done) / total)} %` : String(done);
	return [share, message, streamed].filter(Boolean).join(' ');
}

function streamText(chunks = 0, bytes: number | undefined): string {
	if (chunks === 0) return '';
	const counted = chunks === 1 ? '1 chunk' : `${chunks} chunks`;
	return bytes === undefined ? counted : `${counted}, ${formatBytes(bytes)}`;
}

/** Milliseconds after the end of a call in which its plugin may still log what it was about. */
const afterwardsMs = 500;

/** Lines of a log that are shown with a call. */
const mostLines = 8;

function callDetail(call: CallFacts, { now, logs }: Snapshot): DetailSection[] {
	const {
		name,
		plugin,
		caller,
		state,
		startedAt,
		latencyMs,
		error,
		result,
		arguments: args,
		timing,
		streamed,
	} = call;
	const sections: DetailSection[] = [];
	if (error) {
		sections.push({
			kind: 'facts',
			facts: [
				['error', error.message, 'bad'],
				['code', error.code],
				...(error.causes ?? []).map((cause) => ['cause', cause, 'bad'] as const),
				['what to do', error.hint ?? ''],
			],
		});
		if (error.details && Object.keys(error.details).length > 0)
			sections.push({ kind: 'json', title: 'Details of the error', value: error.details });
	}
	sections.push({
		kind: 'facts',
		facts: [
			['state', state, toneOfCall(call)],
			['tool', name],
			['plugin', plugin],
			['caller', caller],
			['began', formatClock(startedAt, true)],
			[
				'took',
				state === 'running' ? `${formatMs(Math.max(0, now - startedAt))} so far` : formatMs(latencyMs),
			],
			['progress', state === 'running' ? callNote(call) : ''],
		],
	});
	const given = valueSection('Arguments', args ?? {}, args === undefined);
	if (error) sections.push(given);
	if (timing) {
		sections.push({
			kind: 'bars',
			title: 'Where the time went',
			bars: timing.map(([part, ms]) => [part, ms, formatMs(ms)] as const),
		});
	}
	if (!error) sections.push(given);
	if (result) sections.push(valueSection('Result', result));
	if (streamed)
		sections.push({
			kind: 'text',
			title: call.chunks ? `Stream: ${callNote(call)}` : 'Output',
			text: streamed,
		});
	// Last: a stack may be in it, so long that what stands behind it would not be seen.
	if (state === 'failed') sections.push(...loggedMeanwhile(call, logs));
	return sections;
}

function valueSection(title: string, value: ToldJson, unknown = false): DetailSection {
	if (unknown)
		return {
			kind: 'text',
			title,
			text: 'not told',
			tone: 'dim',
		};
	if (typeof value === 'string') return { kind: 'text', title: `${title}, its beginning`, text: value };
	return { kind: 'json', title, value };
}

/** Log entries of its plugin while a call was under way: they tell what went wrong inside. */
function loggedMeanwhile(
	{ plugin, startedAt, latencyMs = 0 }: CallFacts,
	logs: readonly LogFacts[],
): DetailSection[] {
	const until = startedAt + latencyMs + afterwardsMs;
	const lines = logs.filter((line) => line.plugin === plugin && line.time >= startedAt && line.time <= until);
	if (lines.length === 0) return [];
	const text = lines
		.slice(-mostLines)
		.map(({ level, text: logged }) => `${level}  ${loggedText(logged)}`)
		.join('\n');
	return [{ kind: 'text', title: `What ${plugin} logged meanwhile`, text, tone: 'dim' }];
}
