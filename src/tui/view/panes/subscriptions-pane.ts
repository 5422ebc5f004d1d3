import { topicPattern } from '../../../runtime/events/topic-pattern.ts';
import type { SubscriptionFacts } from '../../feed/feed-message.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { formatCount } from '../../text/quantities.ts';
import { definePane } from '../pane.ts';

/** A subscription with the events a second that fit it. */
interface SubscriptionRow extends SubscriptionFacts {
	readonly key: string;
	readonly perSecond: number;
}

/** Subscriptions, by subscriber. */
export const subscriptionsPane = definePane<SubscriptionRow>({
	name: 'subscriptions',
	title: 'Subscriptions',
	shortTitle: 'Subs',
	grows: false,
	empty: 'Nobody hears events.',
	columns: [
		{ title: 'SUBSCRIBER', width: 12, share: 1, goes: 0, text: ({ subscriber }) => subscriber },
		{
			title: 'TOPICS',
			width: 10,
			share: 3,
			goes: 0,
			text: ({ topics }) => topics.join(', '),
			tone: () => 'accent',
		},
		{ title: 'EVENT/S', width: 7, align: 'right', goes: 1, text: ({ perSecond }) => formatCount(perSecond) },
		{
			title: 'MISSED',
			width: 6,
			align: 'right',
			goes: 0,
			text: ({ missed }) => formatCount(missed),
			tone: ({ missed }) => (missed > 0 ? 'bad' : 'dim'),
		},
	],
	items: rows,
	key: ({ key }) => key,
	haystack: ({ subscriber, topics }) => `${subscriber} ${topics.join(' ')}`,
	summary: ({ missed, topics }) =>
		missed > 0 ? `it was behind, and missed ${missed} events` : topics.join(', '),
	heading: ({ subscriber }) => `Subscription of ${subscriber}`,
	detail: (row, { topicRates }) => [
		{
			kind: 'facts',
			facts: [
				['subscriber', row.subscriber],
				['topics', row.topics.join(', '), 'accent'],
				['missed', `${row.missed} events`, row.missed > 0 ? 'bad' : 'plain'],
			],
		},
		{
			kind: 'text',
			title: 'Events that fit, a second',
			text:
				[...topicRates]
					.filter(([topic]) => fits(row.topics, topic))
					.map(([topic, rate]) => `${formatCount(rate).padStart(6)}  ${topic}`)
					.join('\n') || 'none of late',
		},
	],
	copied: ({ subscriber, topics, missed }) => JSON.stringify({ subscriber, topics, missed }, null, 2),
	count: ({ subscriptions }) => subscriptions.length,
});

function rows({ subscriptions, topicRates }: Snapshot): SubscriptionRow[] {
	const seen = new Map<string, number>();
	return subscriptions.map((subscription) => {
		const { subscriber, topics } = subscription;
		const name = `${subscriber} ${topics.join(' ')}`;
		const count = (seen.get(name) ?? 0) + 1;
		seen.set(name, count);
		let perSecond = 0;
		for (const [topic, rate] of topicRates) if (fits(topics, topic)) perSecond += rate;
		return { ...subscription, key: `${name} ${count}`, perSecond };
	});
}

function fits(patterns: readonly string[], topic: string): boolean {
	return patterns.some((pattern) => {
		try {
			return topicPattern(pattern).matches(topic);
		} catch {
			return false; // What another version of the server takes for a pattern.
		}
	});
}
