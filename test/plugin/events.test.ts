import { describe, expect, test } from 'vitest';
import { matchesFilters } from '../../src/runtime/events/event-filters.ts';
import { maxWaitingEvents } from '../../src/runtime/events/event-queue.ts';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import type { PluginEvent } from '../../src/runtime/plugin/definition/plugin-event.ts';
import { answer, deferred, serve } from './support/serve.ts';

describe('filters', () => {
	test.each([
		[{}, undefined, true],
		[{}, { a: 1 }, true],
		[{ a: 'x' }, { a: 'x', b: 1 }, true],
		[{ a: 'x', b: 'y' }, { a: 'x', b: 'y' }, true],
		[{ a: 'x', b: 'y' }, { a: 'x' }, false],
		[{ a: 'x' }, { a: 'X' }, false],
		[{ a: 'x' }, undefined, false],
		[{ a: 'x' }, {}, false],
		[{ a: '' }, { a: '' }, true],
		[{ a: '' }, { a: 0 }, false],
		[{ a: '' }, { a: null }, false],
		[{ a: '' }, {}, false],
		[{ a: '1' }, { a: 1 }, false],
		[{ a: 'true' }, { a: true }, false],
		[{ constructor: 'x' }, {}, false],
	])('%j on the payload %j: %j', (filters, payload, expected) => {
		expect(matchesFilters(filters as Record<string, string>, payload)).toBe(expected);
	});
});

describe('subscriptions', () => {
	test('hear the events of their topic that pass their filters, in order', async () => {
		const heard: [string, PluginEvent][] = [];
		const last = deferred();
		const hear = (name: string) => async (event: PluginEvent) => {
			heard.push([name, event]);
			await new Promise((resolve) => setImmediate(resolve));
			if (event.payload.n === 9) last.resolve();
		};
		const served = serve(
			createPlugin('p')
				.subscribe('news', { filters: { kind: 'b' } }, hear('some'))
				.subscribe('news', hear('all'))
				.subscribe('new', hear('other')),
		);
		for (let n = 0; n < 10; n++) {
			const payload = { n, kind: n % 2 ? 'a' : 'b' };
			expect(
				await answer(served, { publish: { topic: 'news', eventType: 'item', payload, sourcePlugin: 'q' } }),
			).toEqual({});
		}
		await last.promise;
		expect(heard.filter(([name]) => name === 'all').map(([, { payload }]) => payload.n)).toEqual([
			0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
		]);
		expect(heard.filter(([name]) => name === 'some').map(([, { payload }]) => payload.n)).toEqual([
			0, 2, 4, 6, 8,
		]);
		expect(heard.filter(([name]) => name === 'other')).toEqual([]);
		expect(heard[0]?.[1]).toEqual({
			topic: 'news',
			eventType: 'item',
			payload: { n: 0, kind: 'b' },
			sourcePlugin: 'q',
			id: '',
			time: undefined,
			missed: 0,
			traceParent: '',
		});
	});

	test('go on after a handler threw, and do not see what others do to an event', async () => {
		const heard: unknown[] = [];
		const twice = deferred();
		const { client, logged } = serve(
			createPlugin('p')
				.subscribe('t', ({ payload }) => {
					payload.mine = true;
					throw new Error('broken');
				})
				.subscribe('t', ({ payload }) => {
					heard.push(payload);
					if (heard.length === 2) twice.resolve();
				}),
		);
		await client.publish({ topic: 't', eventType: '', payload: { n: 1 } });
		await client.publish({ topic: 't', eventType: '' });
		await twice.promise;
		expect(heard).toEqual([{ n: 1 }, {}]);
		expect(logged.map(({ level, message }) => [level, message])).toEqual([
			['error', 'the subscriber of t failed'],
			['error', 'the subscriber of t failed'],
		]);
	});

	test('that fall behind lose what is too much, and it is counted and logged', async () => {
		const gate = deferred();
		const started = deferred();
		const done = deferred();
		let heard = 0;
		const { client, dispatcher, logged } = serve(
			createPlugin('p').subscribe('t', async ({ eventType }) => {
				heard++;
				started.resolve();
				await gate.promise;
				if (eventType === 'last') done.resolve();
			}),
		);
		await client.publish({ topic: 't', eventType: '' });
		await started.promise;
		for (let i = 0; i < maxWaitingEvents + 5; i++) await client.publish({ topic: 't', eventType: '' });
		expect(dispatcher.droppedEvents).toBe(5);
		gate.resolve();
		await expect.poll(() => heard).toBe(maxWaitingEvents + 1);
		await client.publish({ topic: 't', eventType: 'last' });
		await done.promise;
		expect(logged.map(({ message, fields }) => [message, fields])).toEqual([
			['the subscriber of t is behind: events are being dropped', {}],
			['the subscriber of t missed events', { missed: 5 }],
		]);
	});
});
