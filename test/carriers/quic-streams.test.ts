import { expect, test } from 'vitest';
import type { Connection, ExchangeHandler, Listener } from '../../src/runtime/carrier/carrier.ts';
import type { IncomingExchange } from '../../src/runtime/carrier/incoming-exchange.ts';
import type { RenewingConnection } from '../../src/runtime/carrier/quic/dialling/renewing-connection.ts';
import { quicCarrier } from '../../src/runtime/carrier/quic/quic-carrier.ts';
import { disposeAfterEach } from '../support/dispose-after-each.ts';
import { patienceMs } from '../support/patience.ts';
import { createNetwork } from './harness.ts';
import { Recorder, streamStart, toolCall } from './recorder.ts';
import { signalled, within } from './within.ts';

const network = createNetwork(quicCarrier, () => Promise.reject(new Error('not used')));
const keep = disposeAfterEach();

async function connect(
	handler: ExchangeHandler,
): Promise<{ connection: RenewingConnection; listener: Listener }> {
	const listener = await network.listen(handler);
	keep(listener);
	const connection = (await network.dial(listener.address)) as RenewingConnection;
	keep(connection);
	return { connection, listener };
}

function call(connection: Connection): Promise<void> {
	return new Promise((resolve, reject) => {
		connection.exchange(toolCall(), { next() {}, done: () => resolve(), fail: reject });
	});
}

async function calls(connection: Connection, total: number, atOnce: number): Promise<void> {
	let left = total;
	const worker = async () => {
		while (left-- > 0) await call(connection);
	};
	await Promise.all(Array.from({ length: atOnce }, worker));
}

const echo: ExchangeHandler = (exchange) => exchange.finish({ toolCall: { success: true } });

/** Waits until nothing is left of any stream. */
async function settled(connection: RenewingConnection): Promise<void> {
	const deadline = Date.now() + patienceMs;
	for (;;) {
		const { queued, open, stopping } = connection.streamCounts;
		if (queued + open + stopping === 0) return;
		if (Date.now() > deadline) expect(connection.streamCounts).toEqual({ queued: 0, open: 0, stopping: 0 });
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

/**
 * Asserts that the peer still allows as many calls at once as on the first day.
 *
 * @param count how many; fewer where some may be lost
 */
async function expectStreams(
	connection: RenewingConnection,
	waiting: IncomingExchange[],
	count = 1000,
): Promise<void> {
	const all = Promise.all(Array.from({ length: count }, () => call(connection)));
	all.catch(() => undefined);
	const deadline = Date.now() + patienceMs;
	while (waiting.length < count && Date.now() < deadline) {
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
	expect(waiting.length).toBe(count);
	for (const exchange of waiting.splice(0)) echo(exchange);
	await within(all, 'all answers');
}

test('20,000 calls leave nothing behind', async () => {
	const waiting: IncomingExchange[] = [];
	let hold = false;
	const { connection } = await connect((exchange) => (hold ? waiting.push(exchange) : echo(exchange)));
	await calls(connection, 20_000, 64);
	await settled(connection);
	hold = true;
	await expectStreams(connection, waiting);
});

test('3,000 cancelled calls leave nothing behind', async () => {
	const waiting: IncomingExchange[] = [];
	let cancelled = 0;
	const { connection } = await connect((exchange) => {
		waiting.push(exchange);
		exchange.onCancel(() => {
			cancelled++;
			echo(exchange);
		});
	});
	for (let round = 0; round < 10; round++) {
		const recorders = Array.from({ length: 300 }, () => new Recorder(connection, toolCall()));
		while (waiting.length < 300) await new Promise((resolve) => setImmediate(resolve));
		for (const recorder of recorders) recorder.exchange.cancel();
		waiting.length = 0;
		await settled(connection);
	}
	await within(
		(async () => {
			while (cancelled < 3000) await new Promise((resolve) => setTimeout(resolve, 5));
		})(),
		`every handler hears of it (${cancelled} did)`,
	);
	waiting.length = 0;
	await expectStreams(connection, waiting);
});

test('1,500 streams that are cancelled in full flow leave next to nothing behind', async () => {
	const waiting: IncomingExchange[] = [];
	const data = new Uint8Array(32 * 1024);
	let streams = 0;
	const { connection } = await connect(async (exchange) => {
		if (exchange.request.toolCall) {
			waiting.push(exchange);
			return;
		}
		streams++;
		let sequence = 0;
		while (!exchange.cancelled) await exchange.send({ streamChunk: { data, sequence: sequence++ } });
		exchange.finish({ streamEnd: { success: false } });
		streams--;
	});
	for (let round = 0; round < 60; round++) {
		const recorders = Array.from({ length: 25 }, () => new Recorder(connection, streamStart()));
		await Promise.all(recorders.map((recorder) => recorder.partsUpTo(2)));
		for (const recorder of recorders) recorder.exchange.cancel();
	}
	await settled(connection);
	await within(
		(async () => {
			while (streams > 0) await new Promise((resolve) => setTimeout(resolve, 5));
		})(),
		`every handler ends (${streams} go on)`,
	);
	// Where packets are lost under load, quiche 0.18 at the server keeps one or two of these streams for ever. A connection is replaced
	// after 100,000 exchanges, so that they cannot use it up.
	await expectStreams(connection, waiting, 990);
});

test('calls beyond what the peer allows at once wait their turn', async () => {
	let most = 0;
	const waiting: IncomingExchange[] = [];
	const { connection } = await connect((exchange) => {
		waiting.push(exchange);
		most = Math.max(most, waiting.length);
	});
	const all = Array.from({ length: 2500 }, () => call(connection));
	const answering = setInterval(() => {
		for (const exchange of waiting.splice(0, 400)) echo(exchange);
	}, 1);
	await within(Promise.all(all), 'all answers');
	clearInterval(answering);
	expect(most).toBeLessThanOrEqual(1000);
	await settled(connection);
});

test('the deadline counts while a call waits for its turn, and leaves the queue clean', async () => {
	const { connection } = await connect(() => {});
	const blockers = Array.from({ length: 1000 }, () => new Recorder(connection, toolCall()));
	while (connection.streamCounts.open < 1000) await new Promise((resolve) => setImmediate(resolve));
	const late = new Recorder(connection, toolCall(), { timeoutMs: 50 });
	expect((await late.error()).code).toBe('deadline_exceeded');
	expect(connection.streamCounts.queued).toBe(0);
	for (const blocker of blockers) blocker.exchange.cancel();
});

test('a call that waits is told from one that was sent when the connection is lost', async () => {
	const { connection, listener } = await connect(() => {});
	const sent = Array.from({ length: 1000 }, () => new Recorder(connection, toolCall()));
	const waits = new Recorder(connection, toolCall());
	while (connection.streamCounts.open < 1000) await new Promise((resolve) => setImmediate(resolve));
	await listener.close();
	expect(await waits.error()).toMatchObject({ code: 'connection_lost', retryable: true });
	expect(await (sent[0] as Recorder).error()).toMatchObject({ code: 'connection_lost', retryable: false });
});

test('a gigabyte for a reader that has fallen asleep stays with its sender', async () => {
	const data = new Uint8Array(64 * 1024);
	let sent = 0;
	const ended = signalled();
	const { connection } = await connect(async (exchange) => {
		while (!exchange.cancelled && sent < 2 ** 30) {
			sent += data.length;
			await exchange.send({ streamChunk: { data } });
		}
		ended.settle();
		exchange.finish({ streamEnd: { success: true } });
	});
	const asleep = new Recorder(connection, streamStart(), { hold: true, timeoutMs: Number.POSITIVE_INFINITY });
	await asleep.partsUpTo(2);
	let before = -1;
	// Until nothing moves any more.
	while (before !== sent) {
		before = sent;
		await new Promise((resolve) => setTimeout(resolve, 200));
	}
	expect(sent).toBeLessThan(16 * 1024 * 1024);
	// Others are not held up by it.
	const other = new Recorder(connection, streamStart());
	await other.partsUpTo(3);
	other.exchange.cancel();
	asleep.exchange.cancel();
	await within(ended.promise, 'the handler ends');
	await settled(connection);
});
