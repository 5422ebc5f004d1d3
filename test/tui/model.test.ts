import { describe, expect, test } from 'vitest';
import type { CallFacts, EventFacts } from '../../src/tui/feed/feed-message.ts';
import { BoundedList } from '../../src/tui/model/bounded-list.ts';
import { LatencyHistogram } from '../../src/tui/model/latency-histogram.ts';
import { Model } from '../../src/tui/model/model.ts';
import { Rate } from '../../src/tui/model/rate.ts';
import { RecentLatency } from '../../src/tui/model/recent-latency.ts';
import { pluginFacts } from './fake-feed.ts';

const call = (id: string, more: Partial<CallFacts> = {}): CallFacts => ({
	id,
	plugin: 'shop',
	name: 'price',
	caller: 'cli',
	startedAt: 1000,
	state: 'running',
	...more,
});

const event = (number: number, payload = {}): EventFacts => ({
	id: String(number),
	time: 0,
	topic: 'shop.sold',
	eventType: '',
	source: 'shop',
	payload,
});

test('a list keeps the newest, by number and by bytes, and counts what it drops', () => {
	const list = new BoundedList<number>({ items: 100, bytes: 1000 }, (size) => size);
	for (let i = 0; i < 1000; i++) list.push(1);
	expect([list.length, list.bytes, list.dropped]).toEqual([100, 100, 900]);
	list.push(950);
	expect(list.toArray()).toHaveLength(51);
	expect(list.bytes).toBe(1000);
	// What is too large for all of it stands alone, rather than not at all.
	list.push(5000);
	expect(list.toArray()).toEqual([5000]);
	expect(list.replace(5000, 7)).toBe(true);
	expect([list.toArray(), list.bytes]).toEqual([[7], 7]);
	expect(list.replace(5000, 7)).toBe(false);
});

test('a histogram tells quantiles to a tenth, over the whole range', () => {
	const histogram = new LatencyHistogram();
	expect(histogram.quantile(0.5)).toBeUndefined();
	for (let ms = 1; ms <= 1000; ms++) histogram.add(ms);
	expect(histogram.quantile(0.5)).toBeGreaterThan(450);
	expect(histogram.quantile(0.5)).toBeLessThan(550);
	expect(histogram.quantile(0.99)).toBeGreaterThan(900);
	for (const odd of [0, -1, 1e12]) histogram.add(odd);
	expect(histogram.quantile(1)).toBeGreaterThan(3_600_000);
	const recent = new RecentLatency();
	recent.add(10, 0);
	expect(recent.quantiles(90_000).p50).toBeCloseTo(10, 0);
	expect(recent.quantiles(400_000).p50).toBeUndefined();
});

test('a rate is the mean of the last seconds, and falls to nothing', () => {
	const rate = new Rate();
	for (let ms = 0; ms < 5000; ms += 10) rate.add(ms);
	expect(rate.perSecond(5000)).toBe(100);
	expect(rate.perSecond(7500)).toBe(60);
	expect(rate.perSecond(60_000)).toBe(0);
	// A clock that is put back.
	rate.add(1000);
	expect(rate.perSecond(60_000)).toBe(0);
});

describe('the model', () => {
	test('counts calls for their plugins: once each, whatever is told of them later', () => {
		const model = new Model();
		model.take({ kind: 'plugins', plugins: [pluginFacts('shop')] }, 0);
		model.take({ kind: 'call', call: call('1') }, 0);
		model.take({ kind: 'call', call: call('2') }, 0);
		expect(model.snapshot(0).totals.callsUnderWay).toBe(2);
		const failed = {
			state: 'failed',
			latencyMs: 20,
			error: { code: 'out_of_stock', message: 'no' },
		} as const;
		model.take({ kind: 'call_changed', id: '1', change: failed }, 500);
		model.take({ kind: 'call_changed', id: '1', change: { arguments: { article: 'lamp' } } }, 600);
		model.take({ kind: 'call_changed', id: 'unknown', change: failed }, 600);
		const { plugins, totals, calls } = model.snapshot(1000);
		expect(plugins[0]).toMatchObject({ calls: 1, errors: 1, callsUnderWay: 1 });
		expect(plugins[0]?.p50).toBeCloseTo(20, -1);
		expect(totals).toMatchObject({ callsUnderWay: 1, errors: 1 });
		expect(calls.map(({ id, state }) => [id, state])).toEqual([
			['1', 'failed'],
			['2', 'running'],
		]);
		expect(calls[0]?.arguments).toEqual({ article: 'lamp' });
	});

	test('does not take a call for running of which nobody will tell the end', () => {
		const model = new Model();
		model.take({ kind: 'call', call: call('1') }, 0);
		model.take({ kind: 'call', call: call('2') }, 0);
		model.take({ kind: 'call', call: call('own', { own: true }) }, 0);
		model.take({ kind: 'calls_under_way', calls: [call('2'), call('3')] }, 0);
		const states = () => model.snapshot(0).calls.map(({ state }) => state);
		expect(states()).toEqual(['ended', 'running', 'running', 'running']);
		model.take({ kind: 'link', state: 'lost', reason: 'gone' }, 0);
		expect(states()).toEqual(['ended', 'ended', 'running', 'ended']);
	});

	test('stays bounded whatever comes', () => {
		const model = new Model();
		const large = { text: 'x'.repeat(100_000) };
		for (let i = 0; i < 3000; i++) {
			model.take({ kind: 'events', events: [event(i, { ...large })] }, i);
			model.take({ kind: 'events', events: [{ ...event(i), topic: `topic.${i}` }] }, i);
			model.take({ kind: 'call', call: call(String(i), { arguments: { ...large } }) }, i);
			model.take({ kind: 'logs', lines: [{ plugin: 'shop', time: 0, level: 'info', text: 'line' }] }, i);
		}
		const { events, calls, logs, totals, topicRates } = model.snapshot(3000);
		expect(events.length).toBeLessThan(100);
		expect(calls.length).toBeLessThan(100);
		expect(logs).toHaveLength(2000);
		expect(logs.at(-1)?.number).toBe(3000);
		expect(topicRates.size).toBeLessThanOrEqual(500);
		expect(totals.events).toBe(6000);
	});
});
