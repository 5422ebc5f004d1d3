import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Address } from '../../src/runtime/carrier/address.ts';
import type { ExchangeHandler, Listener } from '../../src/runtime/carrier/carrier.ts';
import {
	connectPersistently,
	type PersistentConnection,
	type PersistentOptions,
	type PersistentState,
} from '../../src/runtime/carrier/persistent-connection.ts';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { Revocations } from '../../src/runtime/identity/revocations.ts';
import { ChangingIdentity } from '../../src/runtime/identity/sources/identity-source.ts';
import { describeCertificate } from '../../src/runtime/identity/x509/read-certificate.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { patienceMs } from '../support/patience.ts';
import { waitUntil } from '../support/wait-until.ts';
import { chunk, echo, SilentHandler, streamEnd } from './handlers.ts';
import type { Network } from './harness.ts';
import { createHarness } from './harnesses.ts';
import { Recorder, resultOf, streamStart, toolCall } from './recorder.ts';
import { within } from './within.ts';

expectNothingLeftBehind();

let open: (() => Promise<unknown>)[];

beforeEach(() => {
	open = [];
});

afterEach(async () => {
	for (const close of open.reverse()) await close();
});

describe.each(['tcp', 'quic'] as const)('over %s', (carrier) => {
	let network: Network;

	beforeAll(async () => {
		network = (await createHarness(carrier)).network as Network;
	});

	/** Serves at an address that was given before, or at any. */
	async function serve(handler: ExchangeHandler, address?: Address): Promise<Listener> {
		const at = address ?? { carrier, host: '127.0.0.1', port: 0 };
		const end = performance.now() + patienceMs;
		for (;;) {
			try {
				const listener = await network.carrier.listen(at, { identity: network.server, handler });
				open.push(() => listener.close());
				return listener;
			} catch (error) {
				// While it was free, some other program of this machine may have been given the port for a moment.
				const { code } = error as OrchestraError;
				if (!address || code !== 'address_in_use' || performance.now() > end) throw error;
				await new Promise((resolve) => setTimeout(resolve, 50));
			}
		}
	}

	function connect(
		address: Address,
		options: Partial<PersistentOptions> = {},
	): { connection: PersistentConnection; states: PersistentState[] } {
		const states: PersistentState[] = [];
		const connection = connectPersistently(address, {
			identity: network.client,
			backOff: { firstMs: 20, longestMs: 100 },
			timeoutMs: patienceMs,
			onState: (state) => states.push(state),
			...options,
		});
		open.push(() => connection.close());
		return { connection, states };
	}

	/** An address at which nothing listens. */
	async function deadAddress(): Promise<Address> {
		const listener = await serve(echo);
		await listener.close();
		return listener.address;
	}

	test('carries exchanges as a connection does, from the first on', async () => {
		const { connection, states } = connect((await serve(echo)).address);
		const early = new Recorder(connection, toolCall({ n: 1 }));
		expect(resultOf(await early.response(), 'n')).toBe(1);
		expect(resultOf(await new Recorder(connection, toolCall({ n: 2 })).response(), 'n')).toBe(2);
		expect(connection.peer.name).toBe('tools.server');
		expect(connection.connected).toBe(true);
		expect(states.map(({ state }) => state)).toEqual(['connecting', 'open']);
		await connection.close();
		expect(states.at(-1)).toEqual({ state: 'closed' });
		expect(await within(connection.closed, 'closed')).toBeUndefined();
		expect((await new Recorder(connection, toolCall()).error()).code).toBe('connection_closed');
	});

	test('connections that are accepted and dropped do not reset the back-off', async () => {
		// Without chance: each wait is half of its bound.
		const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
		open.push(async () => random.mockRestore());
		let listener = await serve(echo);
		const { states } = connect(listener.address, { backOff: { firstMs: 20, longestMs: 10_000 } });
		const lost = () =>
			states.flatMap((state, at) =>
				state.state === 'lost' && states[at - 1]?.state === 'open' ? state.retryInMs : [],
			);
		for (let round = 1; round <= 4; round++) {
			await waitUntil(() => states.at(-1)?.state === 'open');
			await listener.close();
			await waitUntil(() => lost().length === round);
			listener = await serve(echo, listener.address);
		}
		expect(lost()).toEqual([...new Set(lost())].sort((a, b) => a - b));
	});

	test('a lazy one dials when it is first needed', async () => {
		const listener = await serve(echo);
		const { connection, states } = connect(listener.address, { lazy: true });
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(states).toEqual([]);
		await new Recorder(connection, toolCall()).response();
		expect(listener.connectionCount).toBe(1);
	});

	test('a stream that was opened early keeps its order, its end and its window', async () => {
		const listener = await serve(async (exchange) => {
			for (let i = 0; i < 200; i += 1) await exchange.send(chunk(i, new Uint8Array(1000)));
			exchange.finish(streamEnd());
		});
		const { connection } = connect(listener.address);
		const stream = new Recorder(connection, streamStart(), { windowBytes: 4096 });
		await stream.response();
		expect(stream.parts.map((part) => part.streamChunk?.sequence ?? 0)).toEqual([...Array(200).keys()]);
	});

	test('what waits is answered when the server comes, and what is under way at a loss is lost once', async () => {
		const address = await deadAddress();
		const { connection, states } = connect(address);
		const waiting = new Recorder(connection, toolCall({ n: 1 }));
		await waitUntil(() => states.some(({ state }) => state === 'lost'));
		const silent = new SilentHandler();
		let served = 0;
		const first = await serve((exchange) => {
			served += 1;
			if (exchange.request.toolCall?.toolName === 'never') silent.handle(exchange);
			else echo(exchange);
		}, address);
		expect(resultOf(await waiting.response(), 'n')).toBe(1);
		const lost = new Recorder(connection, toolCall({}, 'never'));
		await silent.reached();
		await first.close();
		expect((await lost.error()).code).toBe('connection_lost');
		await waitUntil(() => states.filter(({ state }) => state === 'lost').length >= 2);
		const meanwhile = new Recorder(connection, toolCall({ n: 2 }));
		await serve(echo, address);
		expect(resultOf(await meanwhile.response(), 'n')).toBe(2);
		// Nothing was sent twice.
		expect(served).toBe(2);
		expect(lost.ends).toBe(1);
		expect(states.filter(({ state }) => state === 'open')).toHaveLength(2);
		const losses = states.filter((state) => state.state === 'lost');
		for (const { reason, retryInMs } of losses) {
			expect(reason).toBeInstanceOf(OrchestraError);
			expect(retryInMs).toBeLessThanOrEqual(100);
		}
	});

	test('what waits has its own deadline, says why, and may be repeated', async () => {
		const { connection, states } = connect(await deadAddress());
		// Before the first attempt has failed there is no reason to be told.
		await waitUntil(() => states.some(({ state }) => state === 'lost'));
		const error = await new Recorder(connection, toolCall(), { timeoutMs: 150 }).error();
		expect(error).toMatchObject({ code: 'deadline_exceeded', retryable: true });
		expect(error.message).toContain(connection.addressText);
		expect(error.cause).toBeInstanceOf(OrchestraError);
	});

	test('the time that an exchange waited is taken from what the peer is told', async () => {
		const address = await deadAddress();
		const { connection } = connect(address);
		const waiting = new Recorder(connection, toolCall(), { timeoutMs: 20_000 });
		await new Promise((resolve) => setTimeout(resolve, 150));
		let told = 0;
		await serve((exchange) => {
			told = exchange.request.timeoutMs ?? 0;
			echo(exchange);
		}, address);
		await waiting.response();
		expect(told).toBeGreaterThan(10_000);
		expect(told).toBeLessThanOrEqual(19_900);
	});

	test('waiting can be cancelled, and has a bound', async () => {
		const { connection } = connect(await deadAddress(), { maxWaiting: 2 });
		const calls = [1, 2, 3].map(() => new Recorder(connection, toolCall()));
		expect(await calls[2]?.error()).toMatchObject({ code: 'overloaded', retryable: true });
		calls[0]?.exchange.cancel();
		expect(await calls[0]?.error()).toMatchObject({ code: 'cancelled' });
		const next = new Recorder(connection, toolCall());
		await connection.close();
		expect((await calls[1]?.error())?.code).toBe('connection_closed');
		expect((await next.error()).code).toBe('connection_closed');
		expect(calls.map((call) => call.ends)).toEqual([1, 1, 1]);
	});

	test('closing while it dials ends that at once', async () => {
		const silent = await network.silentPeer();
		open.push(silent.close);
		const { connection, states } = connect(silent.address, { timeoutMs: 60_000 });
		const waiting = new Recorder(connection, toolCall());
		const ready = connection.ready();
		await waitUntil(() => states.length > 0);
		const reason = new OrchestraError('shutting_down', 'enough');
		await within(connection.close(reason), 'it closes');
		expect(await waiting.error()).toBe(reason);
		await expect(ready).rejects.toBe(reason);
		expect(await connection.closed).toBe(reason);
	});

	test('somebody else at the address fails what waits, and is not asked on and on', async () => {
		const listener = await serve(echo);
		const { connection, states } = connect(listener.address, {
			expectPeer: 'tools.other',
			backOff: { firstMs: 20, longestMs: 60_000 },
		});
		const error = await new Recorder(connection, toolCall()).error();
		expect(error.code).toBe('identity_mismatch');
		const last = states.at(-1);
		expect(last).toMatchObject({ state: 'lost', retryInMs: 60_000 });
		// Until the next attempt everybody hears the same, at once.
		expect((await new Recorder(connection, toolCall()).error()).code).toBe('identity_mismatch');
		await expect(connection.ready()).rejects.toMatchObject({ code: 'identity_mismatch' });
		expect(states.filter(({ state }) => state === 'connecting')).toHaveLength(2);
	});

	test('each dial shows the certificate of that moment, and asks nobody who was revoked meanwhile', async () => {
		const shown: unknown[] = [];
		const handler: ExchangeHandler = (exchange) => {
			shown.push(exchange.peer.fingerprint);
			echo(exchange);
		};
		const identity = new ChangingIdentity(network.client);
		const first = await serve(handler);
		const { connection, states } = connect(first.address, { identity });
		const lost = () => states.filter(({ state }) => state === 'lost').length;
		await new Recorder(connection, toolCall()).response();
		const renewed = network.issue(network.client.name);
		identity.change(renewed);
		await first.close();
		await waitUntil(() => lost() > 0);
		const second = await serve(handler, first.address);
		await new Recorder(connection, toolCall()).response();
		expect(shown[1]).toBe(describeCertificate(renewed.certificatePem).fingerprint);
		const before = lost();
		await second.close();
		await waitUntil(() => lost() > before);
		const revocations = new Revocations([{ name: network.server.name, at: '2026-01-02T03:04:05.000Z' }]);
		identity.change({ ...renewed, revocations });
		await serve(handler, first.address);
		expect((await new Recorder(connection, toolCall()).error()).code).toBe('peer_revoked');
		expect(shown).toHaveLength(2);
	});

	test('repeats what may be repeated, so often and no more, where it is told to', async () => {
		let asked = 0;
		const listener = await serve((exchange) => {
			asked += 1;
			const times = Number(exchange.request.toolCall?.arguments?.times);
			if (asked > times) echo(exchange);
			else {
				const code = exchange.request.toolCall?.arguments?.code as string;
				exchange.finish({
					toolCall: { success: false, errorCode: code },
					error: { code, message: 'not now', retryable: code === 'overloaded' },
				});
			}
		});
		const { connection } = connect(listener.address, { retries: 2 });
		const client = createClient(connection);
		expect(await client.callTool('x', { times: 2, code: 'overloaded' })).toMatchObject({ times: 2 });
		expect(asked).toBe(3);
		asked = 0;
		await expect(client.callTool('x', { times: 9, code: 'overloaded' })).rejects.toMatchObject({
			code: 'overloaded',
		});
		expect(asked).toBe(3);
		asked = 0;
		await expect(client.callTool('x', { times: 9, code: 'city_unknown' })).rejects.toMatchObject({
			code: 'city_unknown',
		});
		expect(asked).toBe(1);
	});

	test('does not repeat what has begun', async () => {
		let asked = 0;
		const listener = await serve(async (exchange) => {
			asked += 1;
			await exchange.send({ progress: { progress: 1 } });
			exchange.finish({ error: { code: 'overloaded', message: 'not any more', retryable: true } });
		});
		const { connection } = connect(listener.address, { retries: 2 });
		const heard: number[] = [];
		const call = createClient(connection).callTool(
			'x',
			{},
			{ onProgress: ({ progress }) => heard.push(progress) },
		);
		await expect(call).rejects.toMatchObject({ code: 'overloaded' });
		expect([asked, heard]).toEqual([1, [1]]);
	});

	test('what is given up before it is repeated is not waited for', async () => {
		const listener = await serve((exchange) => {
			if (exchange.request.toolCall?.toolName !== 'busy') echo(exchange);
			else exchange.finish({ error: { code: 'overloaded', message: 'not now', retryable: true } });
		});
		const slow = { firstMs: 60_000, longestMs: 60_000 };
		const { connection } = connect(listener.address, { retries: 2, backOff: slow });
		const caller = new AbortController();
		const call = createClient(connection).callTool('busy', {}, { signal: caller.signal });
		// Once this is answered the other one was.
		for (let n = 0; n < 3; n++) await new Recorder(connection, toolCall()).response();
		caller.abort();
		await expect(call).rejects.toMatchObject({ code: 'cancelled' });
	});

	test('prepares each connection before it carries anything', async () => {
		const heard: string[] = [];
		const handler: ExchangeHandler = (exchange) => {
			heard.push(exchange.request.register ? 'register' : 'call');
			if (exchange.request.register) exchange.finish({ register: { accepted: true } });
			else echo(exchange);
		};
		const listener = await serve(handler);
		const { connection } = connect(listener.address, {
			prepare: (raw) => createClient(raw).register({ id: 'x' }),
		});
		await new Recorder(connection, toolCall()).response();
		await listener.close();
		await waitUntil(() => !connection.connected);
		await serve(handler, listener.address);
		await new Recorder(connection, toolCall()).response();
		expect(heard).toEqual(['register', 'call', 'register', 'call']);
	});

	test('one that fails fast lets what waits fail with the attempt', async () => {
		const { connection, states } = connect(await deadAddress(), {
			failFast: true,
			timeoutMs: 300,
			backOff: { firstMs: 20, longestMs: 20 },
		});
		const error = await new Recorder(connection, toolCall()).error();
		expect(error).toMatchObject({ retryable: true });
		expect(error.code).toMatch(/^(unreachable|deadline_exceeded)$/);
		await waitUntil(() => states.filter(({ state }) => state === 'connecting').length > 2);
	});
});
