const bus = ['events/bus.test.ts'];
const queue = ['events/event-queue.test.ts', ...bus];

/** @type {import('../../scripts/run-mutants.mjs').Mutant[]} */
export default [
	{
		breaks: 'what waits for a subscriber is 32 MiB at most',
		file: 'runtime/events/event-queue.ts',
		from: 'this.#bytes + bytes > maxWaitingBytes',
		to: 'this.#bytes + bytes > 100 * maxWaitingBytes',
		tests: queue,
	},
	{
		breaks: 'a subscriber that is behind is told of once',
		file: 'runtime/events/event-queue.ts',
		from: 'if (this.#behind) return;',
		to: '',
		tests: queue,
	},
	{
		breaks: 'a subscriber that caught up and falls behind again is told of again',
		file: 'runtime/events/event-queue.ts',
		from: '\t\tthis.#behind = false;\n\t\tthis.#running = false;',
		to: '\t\tthis.#running = false;',
		tests: queue,
	},
	{
		breaks: 'a subscriber that fails gets the next events',
		file: 'runtime/events/event-queue.ts',
		from: 'this.#options.onFault(error, batch[0]);',
		to: 'this.#options.onFault(error, batch[0]);\n\t\t\t\treturn;',
		tests: queue,
	},
	{
		breaks: 'what is handed over at once is 64 KiB at most',
		file: 'runtime/events/event-queue.ts',
		from: 'bytes + next.bytes > maxBatchBytes',
		to: 'bytes + next.bytes > 100 * maxBatchBytes',
		tests: queue,
	},
	{
		breaks: 'a subscriber that was closed gets nothing that waited',
		file: 'runtime/events/event-queue.ts',
		from: 'const waiting = this.#waiting.splice(0);',
		to: 'const waiting = this.#waiting.slice();',
		tests: queue,
	},
	{
		breaks: 'an event that fits two interests of a subscriber comes once',
		file: 'runtime/events/memory-event-bus.ts',
		from: 'if (this.#last === count || !this.#wants(event)) return;',
		to: 'if (!this.#wants(event)) return;',
		tests: bus,
	},
	{
		breaks: 'one subscriber has 1,024 interests at most',
		file: 'runtime/events/memory-event-bus.ts',
		from: 'this.#interests.size >= maxInterests',
		to: 'this.#interests.size >= 2 * maxInterests',
		tests: bus,
	},
	{
		breaks: 'a publisher is told that an event is larger than 4 MiB',
		file: 'runtime/events/event-size.ts',
		from: 'if (bytes <= maxEventBytes) return bytes;',
		to: 'if (bytes <= 4 * maxEventBytes) return bytes;',
		tests: bus,
	},
	{
		breaks: 'the past of one topic is 256 KiB at most',
		file: 'runtime/events/event-history.ts',
		from: 'past.bytes + bytes > topicBytes',
		to: 'past.bytes + bytes > 100 * topicBytes',
		tests: bus,
	},
	{
		breaks: 'the past of all topics is bounded, and the oldest topics go first',
		file: 'runtime/events/event-history.ts',
		from: 'if (this.#bytes > allBytes) this.#shrink(allBytes);',
		to: '',
		tests: bus,
	},
	{
		breaks: 'an event that is too large to be kept leaves no gap in the past',
		file: 'runtime/events/event-history.ts',
		from: '\t\t\tthis.#bytes -= past.bytes;\n\t\t\treturn;',
		to: '\t\t\tthis.#topics.set(topic, past);\n\t\t\treturn;',
		tests: bus,
	},
	{
		breaks: 'a topic has 64 parts at most',
		file: 'runtime/events/topic-pattern.ts',
		from: 'if (parts > maxTopicParts) throw',
		to: 'if (parts > 4 * maxTopicParts) throw',
		tests: bus,
	},
	{
		breaks: 'a star stands for a whole part',
		file: 'runtime/events/topic-pattern.ts',
		from: "if (!part.includes('*') || part === '*' || part === '**') continue;",
		to: 'if (parts.length > 0) continue;',
		tests: bus,
	},
];
