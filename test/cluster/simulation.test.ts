import { describe, expect, it } from 'vitest';
import { measured } from './simulation/measured.ts';
import { eventFanOut, registryTraffic } from './simulation/scenarios.ts';

const leaseMs = 15_000;

describe('a cluster of 60 nodes and 600 plugins, in virtual time', () => {
	const size = {
		seed: 7,
		nodes: 60,
		plugins: 600,
		singletons: 60,
		candidates: 3,
		observers: 60,
		leaseMs,
		joinMs: 2_000,
		...measured,
	};

	it('tells everybody of everybody, and moves what a tenth of the nodes ran', async () => {
		const { steady, storm, overlaps, problems } = await registryTraffic(size, 30_000);
		// A heartbeat of each node, and one renewal of each lease, every third of a lease.
		expect(steady.received.messages).toBeCloseTo((60 + 60) / 5, 0);
		// Every heartbeat and every renewal to everybody, and an answer for each.
		expect(steady.sent.messages).toBeCloseTo(((60 + 60) * (60 + 1)) / 5, -2);
		expect(storm.killed).toBe(6);
		expect(storm.orphans).toBeGreaterThan(0);
		expect(storm.noticedMs.last).toBeLessThanOrEqual(leaseMs + 200);
		expect(storm.movedMs.most).toBeLessThanOrEqual(2 * leaseMs);
		expect(overlaps).toBe(0);
		expect(problems).toEqual({});
	}, 120_000);

	it('goes the same way for the same seed', async () => {
		const small = { ...size, nodes: 20, plugins: 100, singletons: 20, observers: 5 };
		expect(await registryTraffic(small, 10_000)).toEqual(await registryTraffic(small, 10_000));
	}, 120_000);
});

describe('an event for many, in virtual time', () => {
	const given = {
		seed: 7,
		subscribers: 100,
		eventsPerSecond: 100,
		bytes: 300,
		seconds: 10,
		subscriberBytesPerSecond: 10_000_000,
		slow: 0,
		maxPending: 100_000,
		server: measured.server,
	};

	it('reaches everybody', async () => {
		const { sent, disconnected } = await eventFanOut(given);
		expect(sent.messages).toBe(10_000);
		expect(disconnected).toBe(0);
	});

	it('costs a slow subscriber its connection, and the others nothing', async () => {
		const { disconnected, heardMs } = await eventFanOut({
			...given,
			slow: 1,
			subscriberBytesPerSecond: 1_000_000,
		});
		expect(disconnected).toBe(1);
		expect(heardMs.most).toBeLessThan(100);
	});
});
