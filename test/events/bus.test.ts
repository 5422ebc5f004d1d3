import { describe, expect, test } from 'vitest';
import type { BusEvent, BusSubscription } from '../../src/runtime/events/event-bus.ts';
import { EventHistory } from '../../src/runtime/events/event-history.ts';

/** As docs say. */
const maxWaitingEvents = 1024;
const maxWaitingBytes = 32 * 1024 * 1024;

import { maxEventBytes } from '../../src/runtime/events/event-size.ts';
import { MemoryEventBus } from '../../src/runtime/events/memory-event-bus.ts';
import { topicPattern } from '../../src/runtime/events/topic-pattern.ts';

const event = (topic: string, payload?: BusEvent['payload']) => ({
	topic,
	eventType: 'e',
	payload,
	source: 'test',
});

/** A subscriber that notes what it hears; what was pushed is there after a turn. */
function listen(bus: MemoryEventBus): { heard: BusEvent[]; missed: number[]; subscription: BusSubscription } {
	const heard: BusEvent[] = [];
	const missed: number[] = [];
	const subscription = bus.subscribe({
		name: 'listener',
		maxBatch: 100_000,
		deliver(events, count) {
			heard.push(...events);
			missed.push(count);
		},
	});
	return { heard, missed, subscription };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const numbers = (events: readonly BusEvent[]) => events.map(({ payload }) => payload?.n);

describe('topics', () => {
	test.each([
		['weather.oslo', 'weather.oslo', true],
		['weather.oslo', 'weather.rome', false],
		['weather.*', 'weather.oslo', true],
		['weather.*', 'weather', false],
		['weather.*', 'weather.oslo.wind', false],
		['weather.**', 'weather', true],
		['weather.**', 'weather.oslo.wind', true],
		['**.wind', 'weather.oslo.wind', true],
		['**.wind', 'windy', false],
		['*', 'a', true],
		['*', 'a.b', false],
		['**', 'a.b.c', true],
		['a.**.z', 'a.z', true],
		['a.*.z', 'a.z', false],
		['a.b+', 'a.bb', false],
	])('%s and %s: %j', (pattern, topic, expected) => {
		expect(topicPattern(pattern).matches(topic)).toBe(expected);
	});

	test('every short pattern matches what a regular expression of it says', () => {
		const texts = (parts: readonly string[], most: number): string[] =>
			most === 1
				? [...parts]
				: texts(parts, most - 1).flatMap((text) => [text, ...parts.map((part) => `${text}.${part}`)]);
		const topics = [...new Set(texts(['a', 'b', 'ab', ''], 4))].filter((topic) => topic !== '');
		const patterns = [...new Set(texts(['a', 'ab', '', '*', '**'], 3))].filter((pattern) => pattern !== '');
		const wrong: string[] = [];
		for (const text of patterns) {
			const pattern = topicPattern(text);
			// Each part with the dot before it, so that none needs nothing.
			const whole = new RegExp(
				`^${text
					.split('.')
					.map((part) => (part === '**' ? '(\\.[^.]*)*' : `\\.${part === '*' ? '[^.]*' : part}`))
					.join('')}$`,
			);
			for (const topic of topics) {
				if (pattern.matches(topic) !== whole.test(`.${topic}`)) wrong.push(`${text} and ${topic}`);
			}
		}
		expect(wrong).toEqual([]);
	});

	test.each(['', 'a*', 'a.b*.c', '***', '*.a**', 'x'.repeat(1025), Array(65).fill('a').join('.')])(
		'%s is no pattern',
		(pattern) => {
			expect(() => topicPattern(pattern)).toThrow(expect.objectContaining({ code: 'invalid_topic' }));
		},
	);

	test.each(['', 'a.*', '**', 'x'.repeat(1025), '.'.repeat(64)])('%s is no topic of an event', (topic) => {
		expect(() => new MemoryEventBus().publish(event(topic))).toThrow(
			expect.objectContaining({ code: 'invalid_topic' }),
		);
	});
});

describe('an event', () => {
	test('has an id, a time and a source, and is heard once where it fits twice', async () => {
		const bus = new MemoryEventBus();
		const { heard, subscription } = listen(bus);
		subscription.add('1', 'a.*');
		subscription.add('2', 'a.b');
		subscription.add('3', '**');
		const before = Date.now();
		const published = bus.publish(event('a.b', { n: 1 }));
		await turn();
		expect(heard).toEqual([published]);
		expect(published.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/);
		expect(published.time).toBeGreaterThanOrEqual(before);
		expect(published).toMatchObject({ topic: 'a.b', eventType: 'e', source: 'test', payload: { n: 1 } });
	});

	test('that is too large is refused, and nobody hears it', async () => {
		const bus = new MemoryEventBus();
		const { heard, subscription } = listen(bus);
		subscription.add('1', '**');
		expect(() => bus.publish(event('big', { text: 'x'.repeat(maxEventBytes / 2) }))).toThrow(
			expect.objectContaining({ code: 'event_too_large', message: expect.stringContaining('big') }),
		);
		bus.publish(event('fits', { text: 'x'.repeat(maxEventBytes / 2 - 200) }));
		await turn();
		expect(heard.map(({ topic }) => topic)).toEqual(['fits']);
	});

	test('is not heard after the interest, or the subscriber, has gone', async () => {
		const bus = new MemoryEventBus();
		const { heard, subscription } = listen(bus);
		subscription.add('1', 'a');
		subscription.add('2', 'b.*');
		subscription.remove('1');
		bus.publish(event('a'));
		bus.publish(event('b.c'));
		await turn();
		expect(heard.map(({ topic }) => topic)).toEqual(['b.c']);
		bus.publish(event('b.d'));
		subscription.close();
		await turn();
		expect(heard).toHaveLength(1);
	});
});

describe('a subscriber that does not take', () => {
	test('costs a bounded number of events, hears the newest in order, and is told what it missed', async () => {
		const bus = new MemoryEventBus();
		const heard: [unknown, number][] = [];
		let release: () => void = () => {};
		const gate = new Promise<void>((resolve) => {
			release = resolve;
		});
		const slow = bus.subscribe({
			name: 'slow',
			async deliver([first], missed) {
				heard.push([first?.payload?.n, missed]);
				await gate;
			},
		});
		slow.add('1', 'a');
		const quick = listen(bus);
		quick.subscription.add('1', 'a');
		bus.publish(event('a', { n: -1 }));
		await turn();
		for (let n = 0; n < maxWaitingEvents + 10; n++) {
			bus.publish(event('a', { n }));
			if (n % 100 === 0) await turn();
		}
		await turn();
		expect(slow.missed).toBe(10);
		expect(quick.heard).toHaveLength(maxWaitingEvents + 11);
		expect(quick.subscription.missed).toBe(0);
		release();
		await expect.poll(() => heard.length).toBe(maxWaitingEvents + 1);
		expect(heard.slice(0, 3)).toEqual([
			[-1, 0],
			[10, 10],
			[11, 0],
		]);
		expect(heard.at(-1)).toEqual([maxWaitingEvents + 9, 0]);
	});

	test('is told of once, for as long as it does not catch up', async () => {
		const told: string[] = [];
		const bus = new MemoryEventBus((name, message) => told.push(`${name}: ${message}`));
		let next: () => void = () => {};
		const slow = bus.subscribe({
			name: 'slow',
			deliver: () =>
				new Promise<void>((resolve) => {
					next = resolve;
				}),
		});
		slow.add('1', 'a');
		for (let n = 0; n < maxWaitingEvents + 100; n++) bus.publish(event('a'));
		for (let n = 0; n < 20; n++) {
			await turn();
			next();
			bus.publish(event('a'));
			bus.publish(event('a'));
		}
		expect(slow.missed).toBeGreaterThan(100);
		expect(told).toEqual(['slow: slow is behind: events for it are being dropped']);
	});

	test('costs a bounded number of bytes', async () => {
		const bus = new MemoryEventBus(() => {}, { replay: { events: 0 } });
		const never = new Promise(() => {});
		const slow = bus.subscribe({ name: 'slow', deliver: () => never });
		slow.add('1', 'a');
		bus.publish(event('a'));
		await turn();
		const text = 'x'.repeat(1024 * 1024);
		for (let n = 0; n < 40; n++) bus.publish(event('a', { text }));
		expect(40 - slow.missed).toBeLessThanOrEqual(maxWaitingBytes / (2 * text.length));
		expect(40 - slow.missed).toBeGreaterThan(10);
	});
});

describe('replay', () => {
	test('brings the last events of each topic that fit, in order, before new ones', async () => {
		const bus = new MemoryEventBus();
		for (let n = 0; n < 12; n++)
			bus.publish(event(n % 3 === 0 ? 'a.x' : 'a.y', { n, kind: n % 2 ? 'odd' : 'even' }));
		bus.publish(event('b', { n: 99 }));
		const one = listen(bus);
		one.subscription.add('1', 'a.*');
		one.subscription.replay(2);
		bus.publish(event('a.x', { n: 12 }));
		const filtered = listen(bus);
		filtered.subscription.add('1', 'a.y', { kind: 'odd' });
		filtered.subscription.add('2', 'a.**', { kind: 'odd' });
		filtered.subscription.replay(100);
		await turn();
		expect(numbers(one.heard)).toEqual([6, 9, 10, 11, 12]);
		expect(numbers(filtered.heard)).toEqual([1, 3, 5, 7, 9, 11]);
	});

	test('for one interest says so, and leaves the others alone', async () => {
		const bus = new MemoryEventBus();
		bus.publish(event('a', { n: 1 }));
		bus.publish(event('b', { n: 2 }));
		const { heard, subscription } = listen(bus);
		subscription.add('1', 'a');
		subscription.add('2', 'b');
		subscription.replay(5, '2');
		subscription.replay(5, 'none');
		await turn();
		expect(heard.map(({ topic, replayedFor }) => [topic, replayedFor])).toEqual([['b', '2']]);
	});

	test('keeps 16 events of a topic, unless the bus is told otherwise', async () => {
		for (const [bus, kept] of [
			[new MemoryEventBus(), 16],
			[new MemoryEventBus(() => {}, { replay: { events: 3 } }), 3],
			[new MemoryEventBus(() => {}, { replay: { events: 0 } }), 0],
		] as const) {
			for (let n = 0; n < 40; n++) bus.publish(event('a', { n }));
			const { heard, subscription } = listen(bus);
			subscription.add('1', 'a');
			subscription.replay(1000);
			await turn();
			expect(heard).toHaveLength(kept);
			if (kept > 0) expect(heard.at(-1)?.payload).toEqual({ n: 39 });
		}
	});

	test('is bounded in bytes, of a topic and in all, whatever is published', () => {
		const limits = { events: 100, topicBytes: 10_000, bytes: 50_000 };
		const history = new EventHistory(limits);
		const add = (topic: string, bytes: number, n: number) =>
			history.add({ ...event(topic, { n }), id: String(n), time: 0 }, bytes);
		for (let n = 0; n < 20; n++) add('a', 1000, n);
		expect(numbers(history.last(100, () => true))).toEqual([13, 14, 15, 16, 17, 18, 19]);
		for (let n = 0; n < 5000; n++) {
			add(`t.${n}`, 100, n);
			expect(history.bytes).toBeLessThanOrEqual(limits.bytes);
		}
		// The topics that were left alone for the longest time went first.
		const left = history.last(100, () => true);
		expect(left.at(-1)?.topic).toBe('t.4999');
		expect(left.length).toBeGreaterThan(50);
		expect(left.some(({ topic }) => topic === 'a')).toBe(false);
		// One that is too large to be kept leaves no gap behind: what came before it goes too.
		add('t.4999', 20_000, 1);
		expect(history.last(100, ({ topic }) => topic === 't.4999')).toEqual([]);
	});
});

test('a subscriber has at most 1,024 interests', () => {
	const { subscription } = listen(new MemoryEventBus());
	for (let n = 0; n < 1024; n++) subscription.add(String(n), `t.${n}`);
	subscription.add('7', 't.other');
	expect(() => subscription.add('one more', 't')).toThrow(expect.objectContaining({ code: 'overloaded' }));
});

describe('an event of another bus', () => {
	const event: BusEvent = {
		id: 'an id',
		time: 0,
		topic: 'kept.one',
		eventType: '',
		payload: undefined,
		source: '',
	};

	test('is settled at once where it fits nobody', () => {
		let settled = 0;
		new MemoryEventBus().hear(event, () => settled++);
		expect(settled).toBe(1);
	});

	test('does not wait for a subscriber that acknowledges nothing, such as a client that does not read', () => {
		const bus = new MemoryEventBus();
		bus.subscribe({ name: 'client', deliver: () => new Promise(() => {}) }).add('1', '**');
		let settled = 0;
		bus.hear(event, () => settled++);
		expect(settled).toBe(1);
	});

	test('is settled once, when the last that it fits has taken it or has ended', async () => {
		const bus = new MemoryEventBus();
		const release: (() => void)[] = [];
		const subscriptions = ['kept.one', 'kept.*', 'kept.**', 'other'].map((topic) => {
			const subscription = bus.subscribe({
				name: topic,
				acknowledges: true,
				deliver: () => new Promise<void>((resolve) => release.push(resolve)),
			});
			subscription.add('1', topic);
			return subscription;
		});
		let settled = 0;
		bus.hear(event, () => settled++);
		await new Promise((resolve) => setImmediate(resolve));
		expect(release).toHaveLength(3);
		release[0]?.();
		release[1]?.();
		await new Promise((resolve) => setImmediate(resolve));
		expect(settled).toBe(0);
		subscriptions[2]?.close();
		expect(settled).toBe(1);
		release[2]?.();
		await new Promise((resolve) => setImmediate(resolve));
		expect(settled).toBe(1);
	});
});
