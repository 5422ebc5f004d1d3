import { OrchestraError } from '../wire/orchestra-error.ts';

/** Characters of a topic or pattern, at most. */
const maxTopicLength = 1024;

/** Which topics a subscriber wants. */
export interface TopicPattern {
	/** As it was written. */
	readonly text: string;
	/** Whether it names one topic. */
	readonly exact: boolean;
	matches(topic: string): boolean;
}

/**
 * Reads a pattern of topics. Topics have parts with dots between them; in a pattern `*` stands for one part and `**` for any number
 * of parts, none included: `weather.*` matches `weather.oslo`, `weather.**` also `weather` and `weather.oslo.wind`. Anything else
 * matches itself only.
 *
 * @throws OrchestraError `invalid_topic` where it is empty or over 1,024 characters, or where a star is only a piece of a part
 */
export function topicPattern(text: string): TopicPattern {
	if (text === '' || text.length > maxTopicLength) {
		throw invalidTopic(
			text === '' ? 'a topic cannot be empty' : `a topic has at most ${maxTopicLength} characters`,
		);
	}
	if (!text.includes('*')) return { text, exact: true, matches: (topic) => topic === text };
	const parts = text.split('.');
	for (const part of parts) {
		if (!part.includes('*') || part === '*' || part === '**') continue;
		throw invalidTopic(
			`${JSON.stringify(text)} is no pattern of topics: ${JSON.stringify(part)} mixes a star and text`,
		);
	}
	return { text, exact: false, matches: (topic) => matchesParts(parts, topic.split('.')) };
}

/** Matches in time proportional to the product of both lengths, whatever the pattern: it comes from peers. */
function matchesParts(pattern: readonly string[], topic: readonly string[]): boolean {
	// open[j]: whether the pattern read so far matches the first j parts of the topic.
	let open: boolean[] = Array.from({ length: topic.length + 1 }, (_, j) => j === 0);
	for (const part of pattern) {
		const next: boolean[] = [];
		for (let j = 0; j <= topic.length; j++) {
			if (part === '**') next[j] = Boolean(open[j]) || Boolean(j > 0 && next[j - 1]);
			else next[j] = j > 0 && Boolean(open[j - 1]) && (part === '*' || part === topic[j - 1]);
		}
		open = next;
	}
	return Boolean(open[topic.length]);
}

function invalidTopic(message: string): OrchestraError {
	return new OrchestraError('invalid_topic', message, {
		hint: 'A pattern is a topic such as weather.oslo, with * for one part or ** for any number of parts.',
	});
}
