import { expect, test } from 'vitest';
import { outputWindowBytes } from '../../src/runtime/exec/exec-limits.ts';
import { StreamOfSessions } from '../../src/runtime/exec/stream-of-sessions.ts';
import type { ExecInput, ExecOutput } from '../../src/runtime/services/exec-service.ts';
import { ExecHarness, noopHandler } from '../../src/testing/exec/index.ts';

/** One client of a harness, message by message. */
class Client {
	readonly stream: StreamOfSessions;
	readonly heard: ExecOutput[] = [];
	readonly ended: Promise<unknown>;
	#wake = () => {};

	constructor({ manager }: ExecHarness) {
		this.stream = new StreamOfSessions(manager, { caller: 'tester' });
		this.ended = this.#read().then(
			() => 'the end',
			(error) => error,
		);
	}

	async #read(): Promise<void> {
		for await (const output of this.stream.read()) {
			this.heard.push(output);
			this.#wake();
		}
	}

	send(message: ExecInput): void {
		this.stream.take(message);
	}

	of(event: ExecOutput['event']): ExecOutput[] {
		return this.heard.filter((output) => output.event === event);
	}

	async until(isThere: () => boolean): Promise<void> {
		while (!isThere()) {
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
	}
}

test('one client watches so many sessions: one more is refused, and the others go on', async () => {
	await using harness = new ExecHarness([noopHandler]);
	await harness.manager.create({ id: 'a' }, { caller: 'tester' });
	const client = new Client(harness);
	for (let viewer = 1; viewer <= 257; viewer++) client.send({ op: 'attach', viewer, session: 'a' });
	await client.until(() => client.heard.length >= 258);
	expect(client.of('refused')).toMatchObject([{ viewer: 257, error: { code: 'overloaded' } }]);
	expect(client.of('attached')).toHaveLength(256);
	client.stream.end();
	expect(await client.ended).toBe('the end');
});

test('what is typed for a program that does not read is bounded: the stream that types more ends, its session does not', async () => {
	await using harness = new ExecHarness([noopHandler]);
	await harness.manager.create({ id: 'a' }, { caller: 'tester' });
	harness.terminals.last.holdsInput = true;
	const client = new Client(harness);
	client.send({ op: 'attach', viewer: 1, session: 'a' });
	await client.until(() => client.of('attached').length === 1);
	const data = Buffer.alloc(65_536, 'x').toString('base64');
	expect(() => {
		for (let piece = 0; piece < 16; piece++) client.send({ op: 'data', viewer: 1, data });
	}).toThrow('more input than a session takes at a time');
	client.stream.end();
	await client.ended;
	expect(harness.manager.get('a', 'tester').attached).toBe(false);
});

test('a client that grants nothing gets its window, and the rest when it grants; nobody watches once it has gone', async () => {
	await using harness = new ExecHarness([noopHandler]);
	await harness.manager.create({ id: 'a' }, { caller: 'tester' });
	const client = new Client(harness);
	client.send({ op: 'attach', viewer: 1, session: 'a' });
	await client.until(() => client.of('attached').length === 1);
	const total = 4 * outputWindowBytes;
	const bytes = () =>
		client.heard.reduce(
			(sum, output) => sum + (output.event === 'data' ? Buffer.from(output.data, 'base64').length : 0),
			0,
		);
	for (let at = 0; at < total; at += 32_768) await harness.terminals.last.injectOutput(Buffer.alloc(32_768));
	await client.until(() => bytes() >= outputWindowBytes);
	for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
	// The last piece may begin within the window and end beyond it.
	expect(bytes()).toBeLessThanOrEqual(outputWindowBytes + 65_536);
	for (let granted = 0; bytes() < total; ) {
		const now = bytes();
		client.send({ op: 'credit', viewer: 1, bytes: now - granted });
		granted = now;
		await client.until(() => bytes() > now);
	}
	expect(harness.manager.get('a', 'tester').viewers).toBe(1);
	client.stream.end();
	expect(harness.manager.get('a', 'tester').viewers).toBe(0);
});
