import type { LogFacts } from '../../feed/feed-message.ts';
import type { Numbered } from '../../model/snapshot.ts';
import { loggedLine, loggedText } from '../../text/logged-text.ts';
import { formatClock } from '../../text/quantities.ts';
import { toneOfLevel } from '../../text/tone.ts';
import { definePane } from '../pane.ts';

/** Log entries and output of plugins. */
export const logsPane = definePane<LogFacts & Numbered>({
	name: 'logs',
	title: 'Logs',
	shortTitle: 'Logs',
	grows: true,
	empty: 'Nothing was logged yet.',
	columns: [
		{ title: 'TIME', width: 8, goes: 2, text: ({ time }) => formatClock(time), tone: () => 'dim' },
		{ title: 'PLUGIN', width: 12, goes: 1, text: ({ plugin }) => plugin, tone: () => 'dim' },
		{
			title: 'LEVEL',
			width: 6,
			goes: 3,
			text: ({ level }) => level,
			tone: ({ level }) => toneOfLevel(level),
		},
		{
			title: 'TEXT',
			width: 16,
			share: 1,
			goes: 0,
			text: ({ text }) => loggedLine(text),
			tone: ({ level }) => (level === 'error' ? 'bad' : level === 'output' ? 'dim' : 'plain'),
		},
	],
	items: ({ logs }) => logs,
	key: ({ number }) => String(number),
	haystack: ({ plugin, level, text }) => `${plugin} ${level} ${text}`,
	summary: ({ text }) => loggedLine(text),
	heading: ({ plugin }) => `A line of ${plugin}`,
	detail: ({ plugin, time, level, text }) => [
		{
			kind: 'facts',
			facts: [
				['plugin', plugin],
				['level', level, toneOfLevel(level)],
				['time', new Date(time).toISOString()],
			],
		},
		{ kind: 'text', title: 'Text', text: loggedText(text) },
	],
	copied: ({ text }) => text,
	count: ({ logs }) => logs.length,
});
