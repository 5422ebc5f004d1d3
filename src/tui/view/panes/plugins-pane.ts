import type { ServerFacts } from '../../feed/feed-message.ts';
import type { PluginView, Snapshot } from '../../model/snapshot.ts';
import { loggedLine } from '../../text/logged-text.ts';
import { formatAge, formatBytes, formatClock, formatCount, formatMs } from '../../text/quantities.ts';
import { toneOfState } from '../../text/tone.ts';
import type { DetailSection } from '../detail-section.ts';
import { definePane } from '../pane.ts';

/** Failures and lines of its log that are shown with a plugin. */
const lastFailures = 5;
const lastLines = 10;

/** The plugins, how they stand, and their figures. */
export const pluginsPane = definePane<PluginView>({
	name: 'plugins',
	title: 'Plugins',
	shortTitle: 'Plugins',
	grows: false,
	empty: 'There are no plugins.',
	columns: [
		{ title: 'PLUGIN', width: 10, share: 1, goes: 0, text: ({ id }) => id },
		{
			title: 'STATE',
			width: 8,
			goes: 0,
			text: ({ state }) => state,
			tone: ({ state }) => toneOfState(state),
		},
		{
			title: 'UP',
			width: 4,
			align: 'right',
			goes: 3,
			text: ({ since, state }, now) => (state === 'running' ? formatAge(now - since) : '–'),
		},
		{
			title: 'RST',
			width: 3,
			align: 'right',
			goes: 4,
			text: ({ starts }) => String(Math.max(0, starts - 1)),
			tone: ({ starts }) => (starts > 1 ? 'warn' : 'dim'),
		},
		{
			title: 'CALL/S',
			width: 6,
			align: 'right',
			goes: 2,
			text: ({ callsPerSecond }) => formatCount(callsPerSecond),
		},
		{
			title: 'ERR',
			width: 4,
			align: 'right',
			goes: 0,
			text: ({ errors }) => formatCount(errors),
			tone: ({ errors }) => (errors > 0 ? 'bad' : 'dim'),
		},
		{ title: 'P50', width: 6, align: 'right', goes: 5, text: ({ p50 }) => formatMs(p50) },
		{ title: 'P99', width: 6, align: 'right', goes: 1, text: ({ p99 }) => formatMs(p99) },
		{
			title: 'LAG',
			width: 5,
			align: 'right',
			goes: 6,
			text: ({ lagMs }) => formatMs(lagMs),
			tone: ({ lagMs = 0 }) => (lagMs > 100 ? 'warn' : 'dim'),
		},
		{
			title: 'MEM',
			width: 4,
			align: 'right',
			goes: 7,
			text: ({ memoryBytes }) => (memoryBytes === undefined ? '–' : formatBytes(memoryBytes)),
			tone: () => 'dim',
		},
	],
	items: ({ plugins }) => plugins,
	key: ({ id }) => id,
	haystack: ({ id, state, reason, source, label, tools }) =>
		[id, state, reason, source, label, ...tools].join(' '),
	summary: ({ reason, tools, health }) => reason || [health, tools.join(', ')].filter(Boolean).join(' · '),
	heading: ({ id }) => `Plugin ${id}`,
	detail: pluginDetail,
	copied: (plugin) => JSON.stringify(plugin, null, 2),
	count: ({ plugins }) => plugins.length,
});

function pluginDetail(plugin: PluginView, { calls, logs, server, now }: Snapshot): DetailSection[] {
	const { id, state, reason, source, label, since, starts, pid, health, tools, lagMs, memoryBytes } = plugin;
	const failures = calls.filter((call) => call.plugin === id && call.state === 'failed').slice(-lastFailures);
	const lines = logs.filter((line) => line.plugin === id).slice(-lastLines);
	return [
		{
			kind: 'facts',
			facts: [
				['state', `${state}, for ${formatAge(now - since)}`, toneOfState(state)],
				['why', reason, 'bad'],
				['health', health],
				['source', `${source}${pid > 0 ? `, process ${pid}` : ''}`],
				['from', label],
				['restarts', String(Math.max(0, starts - 1))],
				['event loop lag', lagMs === undefined ? '' : formatMs(lagMs)],
				['memory', memoryBytes === undefined ? '' : formatBytes(memoryBytes)],
				['its server', source === 'embedded' && server ? serverText(server) : ''],
				[
					'calls',
					`${plugin.calls} seen here, ${plugin.callsUnderWay} under way, ${formatCount(plugin.callsPerSecond)} a second`,
				],
				['errors', String(plugin.errors), plugin.errors > 0 ? 'bad' : 'plain'],
				[
					'latency',
					plugin.p50 === undefined
						? ''
						: `${formatMs(plugin.p50)} median, ${formatMs(plugin.p99)} for 99 of 100`,
				],
				['tools', tools.join(', ')],
			],
		},
		...(failures.length > 0
			? [
					{
						kind: 'text' as const,
						title: 'Last failures',
						tone: 'bad' as const,
						text: failures
							.map(
								({ startedAt, name, error }) => `${formatClock(startedAt)}  ${name}  ${error?.message ?? ''}`,
							)
							.join('\n'),
					},
				]
			: []),
		...(lines.length > 0
			? [
					{
						kind: 'text' as const,
						title: 'Last lines of its log',
						tone: 'dim' as const,
						text: lines
							.map(({ time, level, text }) => `${formatClock(time)}  ${level}  ${loggedLine(text)}`)
							.join('\n'),
					},
				]
			: []),
	];
}

/** State of the process that embedded plugins share. */
function serverText({ pid, loopLagMs, memoryBytes }: ServerFacts): string {
	return `process ${pid}, event loop lag ${formatMs(loopLagMs)}, ${formatBytes(memoryBytes)}`;
}
