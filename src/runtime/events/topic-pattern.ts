import { OrchestraError } from '../wire/orchestra-error.ts';

/** Characters of a topic or pattern, at most. */
export const maxTopicLength = 1024;

/** Parts of a topic or pattern, at most: the work of a match grows with the product of both. */
export const maxTopicParts = 64;

/** Pattern of the topics that a subscriber wants. */
export interface TopicPattern {
	/** The pattern as it was written. */
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
 * @throws OrchestraError `invalid_topic` where it is empty, over 1,024 characters or 64 parts, or where a star is only a piece of a
 * part
 */
export function topicPattern(text: string): TopicPattern {
	assertMeasure(text);
	if (!text.includes('*')) return { text, exact: true, matches: (topic) => topic === text };
	const parts = text.split('.');
	for (const part of parts) {
		if (!part.includes('*') || part === '*' || part === '**') continue;
		throw invalidTopic(
			`${JSON.stringify(text)} is no pattern of topics: ${JSON.stringify(part)} mixes a star and text`,
		);
	}
	const stars = parts.indexOf('**');
	// Most patterns: parts of which each stands for one, and perhaps any number of parts at the end.
	if (stars < 0) return { text, exact: false, matches: (topic) => matchesBegin(parts, topic, false) };
	if (stars === parts.length - 1) {
		const begin = parts.slice(0, -1);
		return { text, exact: false, matches: (topic) => matchesBegin(begin, topic, true) };
	}
	return { text, exact: false, matches: (topic) => matchesParts(parts, topic.split('.')) };
}

/**
 * Checks the topic of an event.
 *
 * @throws OrchestraError `invalid_topic` where it is empty, over 1,024 characters or 64 parts, or has a star: a subscriber could not
 * ask for it alone
 */
export function assertTopic(topic: string): void {
	assertMeasure(topic);
	if (!topic.includes('*')) return;
	throw new OrchestraError(
		'invalid_topic',
		`${JSON.stringify(topic)} is a pattern; an event has one topic, without a star`,
		{ hint: 'Publish to a topic such as weather.oslo; patterns are for subscribers.' },
	);
}

function assertMeasure(text: string): void {
	if (text === '') throw invalidTopic('a topic cannot be empty');
	if (text.length > maxTopicLength) {
		throw invalidTopic(`a topic has at most ${maxTopicLength} characters, not ${text.length}`);
	}
	let parts = 1;
	for (let dot = text.indexOf('.'); dot >= 0; dot = text.indexOf('.', dot + 1)) parts++;
	if (parts > maxTopicParts) throw invalidTopic(`a topic has at most ${maxTopicParts} parts, not ${parts}`);
}

/** Matches parts without `**` in one pass, and makes nothing on the way. @param more whether the topic may have more parts */
function matchesBegin(parts: readonly string[], topic: string, more: boolean): boolean {
	let begin = 0;
	for (const part of parts) {
		if (begin > topic.length) return false;
		const dot = topic.indexOf('.', begin);
		const end = dot < 0 ? topic.length : dot;
		if (part !== '*' && !(part.length === end - begin && topic.startsWith(part, begin))) return false;
		begin = end + 1;
	}
	return more || begin > topic.length;
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
