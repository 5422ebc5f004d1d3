import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/runtime/carrier/carrier.ts';
import { dial } from '../../src/runtime/carrier/network-carrier.ts';
import type { ReceivedEvent } from '../../src/runtime/client/event-stream.ts';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import type { BusSubscriber, BusSubscription } from '../../src/runtime/events/event-bus.ts';
import { maxWaitingEvents } from '../../src/runtime/events/event-queue.ts';
import { MemoryEventBus } from '../../src/runtime/events/memory-event-bus.ts';
import { createAuthority, issueIdentity } from '../../src/runtime/identity/x509/issue.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { eventsServiceDefinition } from '../../src/runtime/services/events-service.ts';
import { serviceClient } from '../../src/runtime/services/service-client.ts';
import { quicWorks } from '../launching/quic-works.ts';

const carriers = (await quicWorks()) ? (['memory', 'tcp', 'quic'] as const) : (['memory', 'tcp'] as const);

/** A bus that knows who has subscribed and not left. */
class CountingBus extends MemoryEventBus {
	readonly open = new Set<string>();

	override subscribe(subscriber: BusSubscriber): BusSubscription {
		const subscription = super.subscribe(subscriber);
		const close = subscription.close.bind(subscription);
		this.open.add(subscriber.name);
		subscription.close = () => {
			this.open.delete(subscriber.name);
			close();
		};
		return subscription;
	}
}

describe.each(carriers)('over %s', (carrier) => {
	const authority = createAuthority();
	let orchestrator: Orchestrator;
	let bus: CountingBus;
	let connect: (name: string) => Promise<PluginClient>;
	let connections: Connection[];

	beforeEach(async () => {
		bus = new CountingBus();
		orchestrator = new Orchestrator({ bus });
		connections = [];
		connect = async (name) => {
			const connection =
				carrier === 'memory'
					? orchestrator.connect(name)
					: await dial(listener?.address ?? { carrier, host: '', port: 0 }, {
							identity: issueIdentity(authority, name),
						});
			connections.push(connection);
			return createClient(connection);
		};
		const listener =
			carrier === 'memory'
				? undefined
				: await orchestrator.listen(
						{ carrier, host: '127.0.0.1', port: 0 },
						issueIdentity(authority, 'orchestrator'),
					);
	});
	afterEach(async () => {
		for (const connection of connections) await connection.close();
		await orchestrator.stop({ graceMs: 0 });
	});

	/** Reads so many events. */
	async function read(events: AsyncIterable<ReceivedEvent>, count: number): Promise<ReceivedEvent[]> {
		const heard: ReceivedEvent[] = [];
		for await (const event of events) if (heard.push(event) === count) break;
		return heard;
	}

	test('a client hears what another publishes, in order, with id, time and the source of its certificate', async () => {
		const [reader, writer] = [await connect('reader'), await connect('writer')];
		const events = reader.events(['weather.*', 'news.**']);
		await events.ready();
		const before = Date.now();
		for (let n = 0; n < 500; n++) {
			const topic = n % 2 ? 'weather.oslo' : 'news.a.b';
			await writer.publish({ topic, eventType: 'e', payload: { n } });
			if (n % 100 === 0) await writer.publish({ topic: 'other', eventType: '' });
		}
		const heard = await read(events, 500);
		expect(heard.map(({ payload }) => payload.n)).toEqual(Array.from({ length: 500 }, (_, n) => n));
		expect(new Set(heard.map(({ id }) => id)).size).toBe(500);
		expect(heard[1]).toEqual({
			id: expect.stringMatching(/^[0-9a-f-]{36}$/),
			time: expect.any(Date),
			topic: 'weather.oslo',
			eventType: 'e',
			payload: { n: 1 },
			source: 'writer',
			missed: 0,
		});
		expect(heard[0]?.time.getTime()).toBeGreaterThanOrEqual(before - 1);
		expect(events.missed).toBe(0);
		// Leaving the loop ended the subscription.
		await expect.poll(() => orchestrator.subscriptions).toEqual([]);
	});

	test('filters, and an event without a payload', async () => {
		const client = await connect('client');
		const cold = client.events('t', { filters: { kind: 'cold' } });
		const empty = client.events('t', { filters: { kind: '' } });
		const all = client.events('t');
		await Promise.all([cold.ready(), empty.ready(), all.ready()]);
		for (const payload of [
			undefined,
			{},
			{ kind: 1 },
			{ kind: '' },
			{ kind: null },
			{ kind: 'cold', n: 1 },
		]) {
			await client.publish({ topic: 't', eventType: '', ...(payload ? { payload } : {}) });
		}
		expect((await read(all, 6)).map(({ payload }) => payload)).toEqual([
			{},
			{},
			{ kind: 1 },
			{ kind: '' },
			{ kind: null },
			{ kind: 'cold', n: 1 },
		]);
		expect((await read(cold, 1)).map(({ payload }) => payload)).toEqual([{ kind: 'cold', n: 1 }]);
		expect((await read(empty, 1)).map(({ payload }) => payload)).toEqual([{ kind: '' }]);
	});

	test('the last events come first where they are asked for', async () => {
		const client = await connect('client');
		for (let n = 0; n < 5; n++) await client.publish({ topic: 'a.b', eventType: '', payload: { n } });
		const events = client.events('a.*', { replay: 2 });
		await events.ready();
		await client.publish({ topic: 'a.c', eventType: '', payload: { n: 5 } });
		expect((await read(events, 3)).map(({ payload }) => payload.n)).toEqual([3, 4, 5]);
	});

	test('a plugin is heard by its id, whatever it says', async () => {
		const client = await connect('client');
		await orchestrator.embed(
			createPlugin('weather')
				.registerTool('tell', { description: '' }, async (_args, { publish }) => publish('t', { n: 1 }))
				.build(),
		);
		const events = client.events('t');
		await events.ready();
		await client.callTool('tell');
		expect((await read(events, 1))[0]).toMatchObject({ source: 'weather', payload: { n: 1 } });
	});

	test('a reader that never reads is bounded, is told what it missed, and delays nobody', async () => {
		const [slow, quick, writer] = [await connect('slow'), await connect('quick'), await connect('writer')];
		const windowBytes = 16 * 1024;
		const unread = slow.events('t', { windowBytes });
		const reader = quick.events('t');
		await Promise.all([unread.ready(), reader.ready()]);
		const total = maxWaitingEvents * 3;
		// Much more than a carrier holds of a stream by itself.
		const text = 'x'.repeat(8000);
		let heard = 0;
		const reading = (async () => {
			for await (const event of reader) {
				expect(event.payload.n).toBe(heard);
				expect(event.missed).toBe(0);
				if (++heard === total) break;
			}
		})();
		for (let n = 0; n < total; n++) {
			await writer.publish({ topic: 't', eventType: '', payload: { n, text } });
			// The quick one keeps up: it is the slow one alone that is behind.
			if (n % 200 === 199) await expect.poll(() => heard).toBe(n + 1);
		}
		await reading;
		const missed = () => orchestrator.subscriptions.find(({ plugin }) => plugin === 'slow')?.missed ?? 0;
		// What it was not sent is in its queue, and the rest is counted.
		expect(missed()).toBeGreaterThan(total - maxWaitingEvents - 512);
		// Now it reads: every event is there or counted, and those that are there are in order.
		let last = -1;
		let told = 0;
		for await (const { payload, missed: gap } of unread) {
			told += gap;
			expect(payload.n).toBe(last + 1 + gap);
			last = payload.n as number;
			if (last === total - 1) break;
		}
		expect(told).toBeGreaterThan(total - maxWaitingEvents - 512);
		expect(unread.missed).toBe(told);
	});

	test('a client that vanishes leaves nothing', async () => {
		const client = await connect('client');
		const other = await connect('other');
		const events = client.events('t');
		const idle = client.events('**');
		// One after the other, for they are listed as they came.
		await events.ready();
		await idle.ready();
		expect(orchestrator.subscriptions).toEqual([
			{ plugin: 'client', topics: ['t'], missed: 0 },
			{ plugin: 'client', topics: ['**'], missed: 0 },
		]);
		expect([...bus.open]).toEqual(['client']);
		await client.close();
		await expect.poll(() => orchestrator.subscriptions).toEqual([]);
		await expect.poll(() => bus.open.size).toBe(0);
		await other.publish({ topic: 't', eventType: '' });
		await expect(events.next()).rejects.toMatchObject({ code: 'connection_closed' });
	});

	test('a signal ends it, also while it waits, and a loop that is left ends it at the server', async () => {
		const client = await connect('client');
		const controller = new AbortController();
		const events = client.events('t', { signal: controller.signal });
		await events.ready();
		const waiting = expect(events.next()).rejects.toMatchObject({ code: 'cancelled' });
		controller.abort();
		await waiting;
		const left = client.events('t');
		const next = left.next();
		await left.ready();
		await left.return();
		expect(await next).toEqual({ done: true, value: undefined });
		await expect.poll(() => orchestrator.subscriptions).toEqual([]);
	});

	test('an orchestrator that stops says so, at once', async () => {
		const client = await connect('client');
		const events = client.events('t');
		await events.ready();
		const waiting = expect(events.next()).rejects.toMatchObject({ code: 'shutting_down' });
		await orchestrator.stop({ graceMs: 0 });
		await waiting;
	});

	test('what cannot be subscribed to is refused, with the reason', async () => {
		const client = await connect('client');
		const refusal = async (topics: unknown, options: object = {}) => {
			const error = await client
				.events(topics as string[], options)
				.ready()
				.catch((thrown: unknown) => thrown);
			return (error as { code?: string }).code;
		};
		expect(await refusal('a.b*')).toBe('invalid_topic');
		expect(await refusal('x'.repeat(1025))).toBe('invalid_topic');
		expect(await refusal('')).toBe('invalid_topic');
		expect(await refusal([])).toBe('invalid_arguments');
		expect(await refusal([1])).toBe('invalid_arguments');
		expect(await refusal(Array(65).fill('t'))).toBe('invalid_arguments');
		expect(await refusal('t', { filters: { a: 1 } })).toBe('invalid_arguments');
		const fields = (count: number) => Object.fromEntries([...Array(count).keys()].map((n) => [`f${n}`, 'x']));
		expect(await refusal('t', { filters: fields(65) })).toBe('invalid_arguments');
		expect(await refusal('t', { replay: -1 })).toBe('invalid_arguments');
		expect(await refusal('t', { replay: 1.5 })).toBe('invalid_arguments');
		expect(await refusal('t', { replay: 1001 })).toBe('invalid_arguments');
		expect(orchestrator.subscriptions).toEqual([]);
	});

	test('what cannot be published is refused, and the events service answers with what it took', async () => {
		const client = await connect('client');
		const publish = (topic: string, payload = {}) => client.publish({ topic, eventType: '', payload });
		await expect(publish('')).rejects.toMatchObject({ code: 'invalid_topic' });
		await expect(publish('a.*')).rejects.toMatchObject({ code: 'invalid_topic' });
		await expect(publish('t', { text: 'x'.repeat(3 * 1024 * 1024) })).rejects.toMatchObject({
			code: 'event_too_large',
		});
		const service = serviceClient(eventsServiceDefinition, client.connection);
		expect(await service.publish({ topic: 't', payload: { n: 1 } })).toMatchObject({
			id: expect.stringMatching(/^[0-9a-f-]{36}$/),
			topic: 't',
			source: 'client',
			payload: { n: 1 },
		});
		await expect(service.publish({ topic: 't', payload: [] as never })).rejects.toMatchObject({
			code: 'invalid_arguments',
		});
		await expect(service.publish({ topic: 'a.*' })).rejects.toMatchObject({ code: 'invalid_topic' });
	});

	test('the largest event arrives, whatever it is made of', async () => {
		const client = await connect('client');
		const events = client.events('t');
		await events.ready();
		// A control character is six bytes as JSON.
		const text = '\u0001'.repeat(2 * 1024 * 1024 - 200);
		await client.publish({ topic: 't', eventType: '', payload: { text } });
		const [event] = await read(events, 1);
		expect(event?.payload.text === text).toBe(true);
	});

	test('a client has at most 64 streams; others have theirs', async () => {
		const [client, other] = [await connect('client'), await connect('other')];
		const streams = Array.from({ length: 64 }, (_, n) => client.events(`t.${n}`));
		await Promise.all(streams.map((stream) => stream.ready()));
		await expect(client.events('t').ready()).rejects.toMatchObject({ code: 'overloaded' });
		await other.events('t').ready();
		await streams[0]?.return();
		await expect
			.poll(() => orchestrator.subscriptions.filter(({ plugin }) => plugin === 'client').length)
			.toBe(63);
		await client.events('t').ready();
	});

	test('nothing is lost between events that are published while others are on their way', async () => {
		const client = await connect('client');
		const events = client.events('t');
		await events.ready();
		const reading = read(events, 300);
		for (let n = 0; n < 300; n++) {
			void client.publish({ topic: 't', eventType: '', payload: { n } });
			if (n % 7 === 0) await setTimeout(0);
		}
		const heard = (await reading).map(({ payload }) => payload.n as number);
		// Over QUIC each has a stream of its own, and may overtake another that is under way.
		if (carrier === 'quic') heard.sort((a, b) => a - b);
		expect(heard).toEqual(Array.from({ length: 300 }, (_, n) => n));
	});
});

test('a peer that has no events is told apart', async () => {
	await using orchestrator = new Orchestrator();
	const plugin = await orchestrator.embed(createPlugin('p').build());
	const client = createClient(plugin.connection);
	await expect(client.events('t').ready()).rejects.toMatchObject({ code: 'service_not_found' });
});
