import type { EventFacts } from '../../feed/feed-message.ts';
import { formatClock } from '../../text/quantities.ts';
import { definePane } from '../pane.ts';

/** Characters of a payload that a row may show. */
const maxInRow = 400;

/** The events, as they are published. */
export const eventsPane = definePane<EventFacts>({
	name: 'events',
	title: 'Events',
	shortTitle: 'Events',
	grows: true,
	empty: 'No event was heard yet.',
	columns: [
		{ title: 'TIME', width: 12, goes: 2, text: ({ time }) => formatClock(time, true), tone: () => 'dim' },
		{ title: 'TOPIC', width: 12, share: 2, goes: 0, text: ({ topic }) => topic, tone: () => 'accent' },
		{ title: 'TYPE', width: 8, share: 1, goes: 0, text: ({ eventType }) => eventType },
		{ title: 'SOURCE', width: 8, share: 1, goes: 3, text: ({ source }) => source, tone: () => 'dim' },
		{ title: 'PAYLOAD', width: 8, share: 4, goes: 1, text: ({ payload }) => oneLine(payload) },
	],
	items: ({ events }) => events,
	key: ({ id }) => id,
	haystack: ({ topic, eventType, source, payload }) =>
		`${topic} ${eventType} ${source} ${JSON.stringify(payload)}`,
	summary: ({ payload }) => oneLine(payload),
	heading: ({ topic }) => `Event ${topic}`,
	detail: ({ id, time, topic, eventType, source, payload }, { topicRates }) => [
		{
			kind: 'facts',
			facts: [
				['topic', topic, 'accent'],
				['type', eventType],
				['source', source],
				['time', new Date(time).toISOString()],
				['id', id],
				['rate', `${(topicRates.get(topic) ?? 0).toFixed(1)} a second on this topic`],
			],
		},
		{ kind: 'json', title: 'Payload', value: payload },
	],
	copied: (event) => JSON.stringify(event, null, 2),
	count: ({ totals }) => totals.events,
});

function oneLine(payload: EventFacts['payload']): string {
	const text = JSON.stringify(payload);
	return text === '{}' ? '' : text.slice(0, maxInRow);
}
