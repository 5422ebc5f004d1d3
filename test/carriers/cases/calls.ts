import assert from 'node:assert/strict';
import { errorResponse } from '../../../src/runtime/carrier/error-response.ts';
import { type ExchangeTiming, phasesOf } from '../../../src/runtime/carrier/exchange-timing.ts';
import type { IncomingExchange } from '../../../src/runtime/carrier/incoming-exchange.ts';
import type { JsonObject } from '../../../src/runtime/wire/json-value.ts';
import { ToolError } from '../../../src/runtime/wire/orchestra-error.ts';
import { onConnection } from '../compliance-case.ts';
import { echo } from '../handlers.ts';
import { Recorder, resultOf, toolCall } from '../recorder.ts';

/** One request, one response. */
export const callCases = [
	onConnection('a call gets its answer', async (connect) => {
		const { connection } = await connect(echo);
		const args = { city: 'Oslo', days: 3, deep: { list: [1, 'two', null, true] } };
		const response = await new Recorder(connection, toolCall(args)).response();
		assert.deepEqual(response.toolCall?.result, args);
		assert.equal(response.toolCall?.success, true);
	}),

	onConnection(
		'a call is measured where it is asked for, the time of its handler too',
		async (connect, harness) => {
			const { connection } = await connect((exchange) => {
				assert.equal(exchange.request.wantsTiming === true, exchange.request.toolCall?.toolName === 'slow');
				setTimeout(() => echo(exchange), 30);
			});
			const timing: ExchangeTiming = {};
			const response = await new Recorder(connection, toolCall({}, 'slow'), { timing }).response();
			assert.ok((response.handlerMs ?? 0) >= 25, `the handler took ${response.handlerMs} ms`);
			const phases = phasesOf(timing);
			assert.ok(phases?.handlerMs !== undefined && phases.handlerMs >= 25);
			assert.ok(phases.queueMs >= 0 && phases.wireMs >= 0);
			assert.equal((await new Recorder(connection, toolCall()).response()).handlerMs, undefined);
			const { setup } = connection;
			// A line is there from the start.
			assert.equal(setup !== undefined, harness.network !== undefined && !harness.network.lines);
			if (setup) assert.ok(setup.connectMs > 0 && (setup.tlsMs ?? 0) > 0);
		},
	),

	onConnection('the handler sees the request as it was sent, and who sent it', async (connect, harness) => {
		let seen: IncomingExchange | undefined;
		const { connection } = await connect((exchange) => {
			seen = exchange;
			echo(exchange);
		});
		const request = toolCall({ a: 1 });
		Object.assign(request.toolCall ?? {}, {
			callerPlugin: 'tools.caller',
			sessionId: 'session',
			provider: 'p',
		});
		await new Recorder(connection, request, { timeoutMs: 5000 }).response();
		assert.equal(seen?.request.toolCall?.toolName, 'echo');
		assert.equal(seen?.request.toolCall?.callerPlugin, 'tools.caller');
		assert.equal(seen?.request.toolCall?.sessionId, 'session');
		assert.equal(seen?.request.timeoutMs, 5000);
		assert.ok(
			seen?.deadline !== undefined && seen.deadline > Date.now() && seen.deadline <= Date.now() + 5000,
		);
		assert.equal(seen?.peer.name, 'tools.client');
		assert.equal(seen?.peer.carrier, harness.name);
		assert.equal(connection.peer.name, 'tools.server');
		assert.equal(connection.peer.carrier, harness.name);
	}),

	onConnection('250 calls in flight are answered out of order, each with its own answer', async (connect) => {
		const waiting: IncomingExchange[] = [];
		const { connection } = await connect((exchange) => {
			waiting.push(exchange);
			if (waiting.length === 250) for (const each of waiting.reverse()) echo(each);
		});
		const calls = Array.from({ length: 250 }, (_, i) => new Recorder(connection, toolCall({ i })));
		const responses = await Promise.all(calls.map((call) => call.response()));
		assert.deepEqual(
			responses.map((response) => resultOf(response, 'i')),
			calls.map((_, i) => i),
		);
	}),

	onConnection('requests without an id get ids of their own', async (connect) => {
		const seen: (string | undefined)[] = [];
		const { connection } = await connect((exchange) => {
			seen.push(exchange.request.requestId);
			echo(exchange);
		});
		const calls = Array.from(
			{ length: 20 },
			() => new Recorder(connection, { ...toolCall(), requestId: '' }),
		);
		const responses = await Promise.all(calls.map((call) => call.response()));
		assert.deepEqual(
			responses.map((response) => response.requestId),
			calls.map((call) => call.exchange.requestId),
		);
		assert.equal(new Set(seen).size, 20);
		assert.ok(seen.every(Boolean));
	}),

	onConnection('a request keeps the id that it has', async (connect) => {
		const { connection } = await connect(echo);
		const call = new Recorder(connection, { ...toolCall(), requestId: 'mine' });
		assert.equal(call.exchange.requestId, 'mine');
		assert.equal((await call.response()).requestId, 'mine');
	}),

	onConnection('two calls under way with the same wanted id are both answered', async (connect) => {
		const waiting: IncomingExchange[] = [];
		const { connection } = await connect((exchange) => {
			waiting.push(exchange);
			if (waiting.length === 2) for (const each of waiting) echo(each);
		});
		const first = new Recorder(connection, { ...toolCall({ n: 1 }), requestId: 'same' });
		const second = new Recorder(connection, { ...toolCall({ n: 2 }), requestId: 'same' });
		assert.equal(resultOf(await first.response(), 'n'), 1);
		assert.equal(resultOf(await second.response(), 'n'), 2);
	}),

	onConnection('an empty response is an answer too', async (connect) => {
		const { connection } = await connect((exchange) => exchange.finish({}));
		const call = new Recorder(connection, { publish: { topic: 't', eventType: 'e', payload: { a: 1 } } });
		const { requestId } = await call.response();
		assert.equal(requestId, call.exchange.requestId);
	}),

	onConnection('only the first finish counts, and nothing is sent after it', async (connect) => {
		const { connection } = await connect((exchange) => {
			exchange.finish({ toolCall: { success: true, result: { n: 1 } } });
			exchange.finish({ toolCall: { success: true, result: { n: 2 } } });
			assert.equal(exchange.send({ progress: { progress: 1 } }), undefined);
		});
		const call = new Recorder(connection, { ...toolCall(), acceptsProgress: true });
		assert.equal(resultOf(await call.response(), 'n'), 1);
		assert.equal(resultOf(await new Recorder(connection, toolCall()).response(), 'n'), 1);
		assert.equal(call.parts.length, 0);
		assert.equal(call.ends, 1);
	}),

	onConnection('progress comes before the answer, in order', async (connect) => {
		const { connection } = await connect((exchange) => {
			for (const progress of [1, 2, 3]) exchange.send({ progress: { progress, total: 3 } });
			echo(exchange);
		});
		const call = new Recorder(connection, { ...toolCall(), acceptsProgress: true });
		await call.response();
		assert.deepEqual(
			call.parts.map((part) => part.progress?.progress),
			[1, 2, 3],
		);
	}),

	onConnection('a typed error arrives with everything that it says', async (connect) => {
		const { connection } = await connect((exchange) =>
			exchange.finish(
				errorResponse(
					exchange.request,
					new ToolError('city_unknown', 'no city named Atlantis', {
						retryable: true,
						details: { city: 'Atlantis' },
						hint: 'Try Oslo.',
					}),
				),
			),
		);
		const call = new Recorder(connection, toolCall());
		const error = await call.error();
		assert.equal(error.code, 'city_unknown');
		assert.equal(error.message, 'no city named Atlantis');
		assert.equal(error.retryable, true);
		assert.deepEqual(error.details, { city: 'Atlantis' });
		assert.equal(error.hint, 'Try Oslo.');
		assert.equal((await call.response()).toolCall?.errorCode, 'city_unknown');
	}),

	onConnection('neither side can change what the other holds', async (connect) => {
		const result = { list: [1] };
		let seen: JsonObject | undefined;
		const { connection } = await connect((exchange) => {
			seen = exchange.request.toolCall?.arguments;
			exchange.finish({ toolCall: { success: true, result } });
			result.list.push(2);
		});
		const args = { list: [1] };
		const call = new Recorder(connection, toolCall(args));
		args.list.push(2);
		const response = await call.response();
		assert.deepEqual(seen, { list: [1] });
		const received = resultOf(response, 'list') as number[];
		assert.deepEqual(received, [1]);
		(seen as { list: number[] }).list.push(3);
		received.push(3);
		assert.deepEqual(args, { list: [1, 2] });
		assert.deepEqual(result, { list: [1, 2] });
	}),

	onConnection('arguments that JSON cannot express fail their own call only', async (connect) => {
		const { connection } = await connect(echo);
		const error = await new Recorder(connection, toolCall({ bad: Number.NaN })).error();
		assert.equal(error.code, 'not_json');
		await new Recorder(connection, toolCall({ good: 1 })).response();
	}),

	onConnection('a result that JSON cannot express becomes a typed error', async (connect) => {
		const { connection } = await connect((exchange) =>
			exchange.finish({ toolCall: { success: true, result: { bad: Number.POSITIVE_INFINITY } } }),
		);
		const error = await new Recorder(connection, toolCall()).error();
		assert.equal(error.code, 'not_json');
		assert.equal((await new Recorder(connection, toolCall()).error()).code, 'not_json');
	}),

	onConnection('arguments nested too deeply fail their own call only', async (connect) => {
		const { connection } = await connect(echo);
		let deep: JsonObject = {};
		for (let i = 0; i < 150; i += 1) deep = { deep };
		assert.equal((await new Recorder(connection, toolCall(deep)).error()).code, 'nesting_too_deep');
		await new Recorder(connection, toolCall()).response();
	}),

	onConnection('stored bytes and their metadata arrive as they were sent', async (connect) => {
		const { connection } = await connect((exchange) => {
			const { content, metadata } = exchange.request.storageWrite ?? {};
			exchange.finish({
				storageRead: { content: content ?? new Uint8Array(), metadata: metadata ?? {}, version: 7 },
			});
		});
		const content = Uint8Array.from({ length: 256 }, (_, i) => i);
		const request = {
			storageWrite: { path: 'a.md', content, metadata: { tags: ['x'] }, expectedVersion: 6 },
		};
		const { storageRead } = await new Recorder(connection, request).response();
		assert.deepEqual([...(storageRead?.content ?? [])], [...content]);
		assert.deepEqual(storageRead?.metadata, { tags: ['x'] });
		assert.equal(storageRead?.version, 7);
	}),
];
