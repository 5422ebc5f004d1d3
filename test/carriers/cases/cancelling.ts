import assert from 'node:assert/strict';
import { errorResponse } from '../../../src/runtime/carrier/error-response.ts';
import { OrchestraError } from '../../../src/runtime/wire/orchestra-error.ts';
import { onConnection } from '../compliance-case.ts';
import { chunk, echo, SilentHandler, streamEnd } from '../handlers.ts';
import { Recorder, streamStart, toolCall } from '../recorder.ts';

const calls = [
	['call', toolCall()],
	['stream', streamStart()],
] as const;

/** Ends that are not answers. */
export const cancellingCases = [
	...calls.map(([kind, request]) =>
		onConnection(`a cancelled ${kind} ends at both sides`, async (connect) => {
			const handler = new SilentHandler();
			const { connection } = await connect(handler.handle);
			const call = new Recorder(connection, request);
			const served = await handler.reached();
			assert.equal(served.cancelled, undefined);
			call.exchange.cancel();
			assert.equal((await call.error()).code, 'cancelled');
			assert.equal((await handler.cancelled()).code, 'cancelled');
			assert.equal(served.signal.aborted, true);
			call.exchange.cancel();
			assert.equal(call.ends, 1);
		}),
	),

	onConnection('a cancel with a reason of ours gives that reason', async (connect) => {
		const handler = new SilentHandler();
		const { connection } = await connect(handler.handle);
		const call = new Recorder(connection, toolCall());
		await handler.reached();
		call.exchange.cancel(new OrchestraError('overloaded', 'not now'));
		assert.equal((await call.error()).code, 'overloaded');
	}),

	onConnection('an abort signal cancels', async (connect) => {
		const handler = new SilentHandler();
		const { connection } = await connect(handler.handle);
		const controller = new AbortController();
		const call = new Recorder(connection, toolCall(), { signal: controller.signal });
		await handler.reached();
		controller.abort(new Error('enough'));
		const error = await call.error();
		assert.equal(error.code, 'cancelled');
		assert.equal((error.cause as Error).message, 'enough');
		assert.equal((await handler.cancelled()).code, 'cancelled');
	}),

	onConnection(
		'an abort signal that aborted before ends the call, but not before it began',
		async (connect) => {
			const { connection } = await connect(echo);
			const call = new Recorder(connection, toolCall(), { signal: AbortSignal.abort() });
			assert.equal((await call.error()).code, 'cancelled');
			await new Recorder(connection, toolCall()).response();
			assert.equal(call.ends, 1);
		},
	),

	onConnection('an abort signal that aborts after the answer changes nothing', async (connect) => {
		const { connection } = await connect(echo);
		const controller = new AbortController();
		const call = new Recorder(connection, toolCall(), { signal: controller.signal });
		await call.response();
		controller.abort();
		call.exchange.cancel();
		await new Recorder(connection, toolCall()).response();
		assert.equal(call.ends, 1);
	}),

	onConnection('a call cancelled in the turn in which it was opened ends', async (connect) => {
		const handler = new SilentHandler();
		const { connection } = await connect((exchange) =>
			exchange.request.toolCall?.toolName === 'silent' ? handler.handle(exchange) : echo(exchange),
		);
		const call = new Recorder(connection, toolCall({}, 'silent'));
		call.exchange.cancel();
		assert.equal((await call.error()).code, 'cancelled');
		await new Recorder(connection, toolCall()).response();
		// Whether the handler saw it at all is the carrier's choice; where it did, it was told.
		if (handler.exchanges.length > 0) await handler.cancelled();
	}),

	onConnection('the deadline ends a call at both sides', async (connect) => {
		const handler = new SilentHandler();
		const { connection } = await connect(handler.handle);
		const startedAt = performance.now();
		const call = new Recorder(connection, toolCall(), { timeoutMs: 150 });
		const served = await handler.reached();
		assert.ok(served.deadline !== undefined && served.deadline <= Date.now() + 150);
		const error = await call.error();
		assert.equal(error.code, 'deadline_exceeded');
		assert.ok(performance.now() - startedAt >= 150, 'it ended too early');
		assert.match((await handler.cancelled()).code, /^(deadline_exceeded|cancelled)$/);
	}),

	...(
		[
			['as ours passes, in our words', 100, 70, /no answer within 100 ms/],
			['long before ours, in its own words', 60_000, 0, /its own/],
		] as const
	).map(([when, timeoutMs, waitMs, said]) =>
		onConnection(`a peer that says that a deadline has passed is heard ${when}`, async (connect) => {
			const { connection } = await connect((exchange) => {
				const error = new OrchestraError('deadline_exceeded', 'its own deadline has passed');
				setTimeout(() => exchange.finish(errorResponse(exchange.request, error)), waitMs);
			});
			const error = await new Recorder(connection, toolCall(), { timeoutMs }).error();
			assert.equal(error.code, 'deadline_exceeded');
			assert.match(error.message, said);
		}),
	),

	onConnection('a call whose deadline has passed already is not sent', async (connect) => {
		const handler = new SilentHandler();
		const { connection } = await connect(handler.handle);
		// One that is sent, in the same turn: it must not take the others along.
		const sent = new Recorder(connection, toolCall());
		for (const timeoutMs of [0, -5_000]) {
			const error = await new Recorder(connection, toolCall(), { timeoutMs }).error();
			assert.equal(error.code, 'deadline_exceeded');
		}
		const late = new Recorder(connection, toolCall());
		await handler.reached(2);
		assert.equal(handler.exchanges.length, 2);
		assert.deepEqual([sent.ends, late.ends], [0, 0]);
	}),

	onConnection('a call without a deadline tells the handler of none', async (connect) => {
		const handler = new SilentHandler();
		const { connection } = await connect(handler.handle);
		const call = new Recorder(connection, toolCall(), { timeoutMs: Number.POSITIVE_INFINITY });
		assert.equal((await handler.reached()).deadline, undefined);
		call.exchange.cancel();
		await call.error();
	}),

	onConnection('what comes after a cancel is dropped, and the connection goes on', async (connect) => {
		const handler = new SilentHandler();
		const { connection } = await connect((exchange) =>
			exchange.request.streamStart ? handler.handle(exchange) : echo(exchange),
		);
		const stream = new Recorder(connection, streamStart());
		const served = await handler.reached();
		served.send(chunk(0, Uint8Array.of(1)));
		await stream.partsUpTo(1);
		stream.exchange.cancel();
		await handler.cancelled();
		assert.equal(served.send(chunk(1, Uint8Array.of(2))), undefined);
		served.finish(streamEnd());
		await new Recorder(connection, toolCall()).response();
		assert.equal(stream.parts.length, 1);
		assert.equal(stream.ends, 1);
	}),

	onConnection('cancelling one call leaves the others alone', async (connect) => {
		const handler = new SilentHandler();
		const { connection } = await connect(handler.handle);
		const recorders = Array.from({ length: 10 }, () => new Recorder(connection, toolCall()));
		await handler.reached(10);
		recorders[3]?.exchange.cancel();
		await handler.cancelled();
		for (const served of handler.exchanges) echo(served);
		const ends = await Promise.allSettled(recorders.map((call) => call.response()));
		assert.deepEqual(
			ends.map((end) => end.status),
			recorders.map((_, i) => (i === 3 ? 'rejected' : 'fulfilled')),
		);
	}),

	onConnection('onCancel calls back at once where the call is over already', async (connect) => {
		const handler = new SilentHandler();
		const { connection } = await connect(handler.handle);
		const call = new Recorder(connection, toolCall());
		const served = await handler.reached();
		call.exchange.cancel();
		const reason = await handler.cancelled();
		let told: OrchestraError | undefined;
		served.onCancel((again) => {
			told = again;
		});
		assert.equal(told, reason);
		assert.equal(served.signal.aborted, true);
	}),
];
