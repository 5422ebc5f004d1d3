import { expect, test } from 'vitest';
import { ExecError } from '../../src/runtime/exec/exec-error.ts';
import type { ExecHandler, ExecLog } from '../../src/runtime/exec/exec-handler.ts';
import { ExecManager } from '../../src/runtime/exec/exec-manager.ts';
import { OutputBuffer } from '../../src/runtime/exec/output-buffer.ts';
import { processSignal, streamSignal } from '../../src/runtime/exec/stream-signal.ts';
import {
	ExecHarness,
	failingHandler,
	noopHandler,
	RecordingOutput,
	stoppableHandler,
} from '../../src/testing/exec/index.ts';

const shell = {
	resource: 'shell',
	defaultCommand: ['sh'],
	tty: ({ command }: { command: readonly string[] }, terminal: { run(program: object): unknown }) =>
		terminal.run({ command }),
} as never as typeof noopHandler;
const me = { caller: 'tester' };
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('E1 a second handler of one key is refused, and what is changed later has no effect', async () => {
	expect(() => new ExecManager('p', [noopHandler, { ...noopHandler }])).toThrow(
		'duplicate exec handler key p/noop',
	);
	const handlers = [{ ...noopHandler }];
	const manager = new ExecManager('p', handlers, {});
	handlers.push({ ...noopHandler, resource: 'other' });
	expect(manager.resources().map(({ resource }) => resource)).toEqual(['noop']);
});

test('E2 a session is refused for each reason, and leaves no terminal open', async () => {
	await using harness = new ExecHarness([noopHandler, failingHandler(new Error('no luck'))]);
	const { manager, terminals } = harness;
	const create = (input: object) => manager.create(input, me);
	await expect(create({ resource: 'nothing' })).rejects.toMatchObject({
		code: 'handler_not_found',
		message: 'no handler for "test/nothing" (available: [test/noop, test/failing])',
	});
	await expect(create({ resource: 'failing', tty: false })).rejects.toMatchObject({
		code: 'handler_not_found',
	});
	await expect(create({ resource: 'failing' })).rejects.toMatchObject({ code: 'terminal_error' });
	expect(terminals.last.closed).toBe(true);
	await expect(create({ resource: 'noop', id: '../x' })).rejects.toMatchObject({ code: 'invalid_arguments' });
	const none = new ExecManager('p', [noopHandler], { terminals: () => undefined as never });
	await expect(none.create({}, me)).rejects.toMatchObject({ code: 'terminal_error' });
	expect((await create({ resource: 'noop' })).id).toMatch(/^[0-9a-f-]{36}$/);
	const info = await create({ resource: 'noop', id: 'a', labels: { x: '1' } });
	expect(info).toMatchObject({ attached: false, labels: { x: '1' }, rows: 27, cols: 72, owner: 'tester' });
});

test('E2 of two sessions of one id one is opened, and the other’s handler never runs', async () => {
	let runs = 0;
	await using harness = new ExecHarness([
		{
			resource: 'slow',
			async tty() {
				runs++;
				await settled();
			},
		},
	]);
	const both = await Promise.allSettled([1, 2].map(() => harness.manager.create({ id: 'one' }, me)));
	expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
	expect((both[1] as PromiseRejectedResult).reason).toMatchObject({ code: 'session_exists' });
	expect([runs, harness.terminals.made.length]).toEqual([1, 1]);
});

test('E3 the buffer keeps the last bytes', () => {
	const kept = (capacity: number, ...texts: string[]) => {
		const buffer = new OutputBuffer(capacity);
		for (const text of texts) buffer.append(Buffer.from(text));
		return buffer.getAll().toString();
	};
	expect(kept(10, '12345', '67890', 'ABC')).toBe('4567890ABC');
	expect(kept(3, 'abcdefgh')).toBe('fgh');
	expect([kept(0, 'x'), kept(-5, 'x')]).toEqual(['', '']);
	for (const size of [999_999, 1_000_000, 1_000_001]) {
		const buffer = new OutputBuffer(1_000_000);
		const data = Buffer.alloc(size, 'a');
		data.write('z', size - 1);
		buffer.append(data);
		expect(buffer.length).toBe(Math.min(size, 1_000_000));
		const copy = buffer.getAll();
		copy.fill(0);
		expect(buffer.getAll().subarray(-2).toString()).toBe('az');
	}
});

test('E3 a hundred megabytes cost what they are, however full the buffer is', () => {
	const buffer = new OutputBuffer(1_000_000);
	const chunk = Buffer.alloc(4096, 'x');
	const began = performance.now();
	for (let at = 0; at < 100_000_000; at += chunk.length) buffer.append(chunk);
	expect(performance.now() - began).toBeLessThan(10_000);
	expect(buffer.length).toBe(1_000_000);
});

test('E8 a resize goes to the terminal or to the handler, which has half a second', async () => {
	const sizes: object[] = [];
	let stuck = false;
	await using harness = new ExecHarness([
		noopHandler,
		{
			resource: 'own',
			tty: () => {},
			resize: (size) => (stuck ? new Promise(() => {}) : sizes.push(size)),
		},
	]);
	const { manager, clock, terminals } = harness;
	await manager.create({ resource: 'noop', id: 'a' }, me);
	await manager.resize('a', { rows: 10, cols: 65_535 }, 'tester');
	expect(terminals.last.resizes).toEqual([{ rows: 10, cols: 65_535 }]);
	for (const [rows, cols] of [
		[0, 1],
		[1, 65_536],
		[-1, 1],
		[1.5, 1],
	] as const) {
		await expect(manager.resize('a', { rows, cols }, 'tester')).rejects.toThrow('invalid resize dimensions');
	}
	expect(() => manager.resize('b', { rows: 1, cols: 1 }, 'tester')).toThrow('session not found');
	await manager.create({ resource: 'own', id: 'own' }, me);
	await manager.resize('own', { rows: 3, cols: 4 }, 'tester');
	expect(sizes).toEqual([{ rows: 3, cols: 4 }]);
	stuck = true;
	const late = manager.resize('own', { rows: 3, cols: 4 }, 'tester');
	clock.advance(500);
	await expect(late).rejects.toThrow('timeout sending resize');
});

test('E9 CLOSE comes before close is done, and a second close finds nothing', async () => {
	await using harness = new ExecHarness([shell]);
	const { id, output } = await harness.mount();
	await harness.manager.close(id, 'tester');
	expect(output.outputs.map(({ signal }) => signal)).toEqual(['CLOSE']);
	await expect(harness.manager.close(id, 'tester')).rejects.toMatchObject({ code: 'session_not_found' });
});

test('E10 ERROR precedes one CLOSE, when the session is gone already, and nothing follows', async () => {
	const { handler, stop } = stoppableHandler();
	await using harness = new ExecHarness([handler]);
	const { output, terminal, id } = await harness.mount();
	await terminal.injectOutput('last words');
	stop(new ExecError('No pod', { message: 'it is gone', suggestion: 'Wait.', retryCommands: ['sh'] }));
	stop(new Error('too late'));
	await output.waitForSignal('CLOSE');
	expect(output.outputs.map(({ signal, target, data }) => [signal, target, data.toString()])).toEqual([
		['NONE', 'stdout', 'last words'],
		['ERROR', 'stderr', 'it is gone'],
		['CLOSE', 'stdout', '\nSession closed\n'],
	]);
	expect(output.outputs[1]?.error).toEqual({
		title: 'No pod',
		message: 'it is gone',
		suggestion: 'Wait.',
		retryable: false,
		retryCommands: ['sh'],
	});
	expect(() => harness.manager.get(id, 'tester')).toThrow('session not found');
	expect(terminal.closed).toBe(true);
});

test('E10 nobody has to watch: a plain error is told as a session that ended unexpectedly', async () => {
	const { handler, stop } = stoppableHandler();
	await using harness = new ExecHarness([handler]);
	await harness.manager.create({}, me);
	stop(new Error('boom'));
	await harness.ends.waitForSignal('CLOSE');
	expect(harness.ends.outputs.map(({ signal }) => signal)).toEqual(['ERROR', 'CLOSE']);
	expect(harness.ends.outputs[0]?.error).toEqual({
		title: 'Session failed',
		message: 'boom',
		suggestion: 'The exec session terminated unexpectedly.',
		retryable: true,
	});
});

test('E11 a handler that stops without an error closes only', async () => {
	const { handler, stop } = stoppableHandler();
	await using harness = new ExecHarness([handler]);
	const { output } = await harness.mount();
	stop();
	await output.waitForSignal('CLOSE');
	expect(output.outputs).toHaveLength(1);
});

test('E13 a viewer that does not read holds the program back, and misses nothing', async () => {
	await using harness = new ExecHarness([shell], { outputBufferBytes: 1000 });
	const { output, terminal } = await harness.mount();
	output.pause();
	let written = 0;
	const writing = (async () => {
		for (let line = 0; line < 2_000; line++) {
			await terminal.injectOutput(`${line}`.padStart(999, '.'));
			written++;
		}
	})();
	await harness.ends.waitUntil(() => true, 'nothing');
	for (let turn = 0; turn < 50; turn++) await settled();
	expect(written).toBeLessThan(600);
	output.resume();
	await writing;
	await output.waitForText('1999');
	expect(output.allData().length).toBe(2_000 * 999);
	expect(output.outputs.every(({ missed }) => missed === 0)).toBe(true);
});

test('E13 of two viewers the one that does not read is detached after ten seconds; alone it may take its time', async () => {
	await using harness = new ExecHarness([shell], { outputBufferBytes: 1000 });
	const { id, output: slow, terminal } = await harness.mount();
	slow.pause();
	let written = 0;
	const write = async (lines: number) => {
		for (let line = 0; line < lines; line++) {
			await terminal.injectOutput('.'.repeat(1_000));
			written++;
		}
	};
	const first = write(600);
	for (let turn = 0; turn < 50; turn++) await settled();
	harness.clock.advance(60_000);
	for (let turn = 0; turn < 50; turn++) await settled();
	expect([slow.detached, written < 600]).toEqual([undefined, true]);
	const quick = new RecordingOutput();
	harness.manager.attach(id, quick, 'tester');
	for (let turn = 0; turn < 50; turn++) await settled();
	harness.clock.advance(10_000);
	await first;
	expect(slow.detached).toBe('it did not read, and held up the session');
	await terminal.injectOutput('the end');
	await quick.waitForText('the end');
	expect(quick.detached).toBeUndefined();
});

test('E14 a plugin is tested without a terminal: input and output, with a clock of the test', async () => {
	await using harness = new ExecHarness([shell]);
	const { terminal, output, type } = await harness.mount({ command: ['bash', '-l'] });
	expect(terminal.programs).toEqual([{ command: ['bash', '-l'] }]);
	await type('ls\n');
	expect(terminal.inputText).toBe('ls\n');
	await terminal.injectOutput('README\n');
	await output.waitForText('README');
	terminal.exitWith(3);
	await output.waitForSignal('CLOSE');
	expect(output.outputs.at(-1)?.exit).toEqual({ code: 3, signal: null });
});

test('Y11 signals are known by name and number', () => {
	expect([streamSignal(5), streamSignal('INT'), streamSignal('sigusr1'), streamSignal('x')]).toEqual([
		'SIGKILL',
		'SIGINT',
		'SIGUSR1',
		'NONE',
	]);
	expect([processSignal('CLOSE'), processSignal(9)]).toEqual([undefined, 'SIGWINCH']);
});

test('Y13 two viewers are two: one that leaves stops nobody, and who only watches cannot type', async () => {
	await using harness = new ExecHarness([shell]);
	const { id, output, terminal } = await harness.mount();
	const second = new RecordingOutput();
	const viewer = harness.manager.attach(id, second, 'tester', { readOnly: true });
	await expect(viewer.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'permission_denied' });
	await terminal.injectOutput('one');
	await Promise.all([output.waitForText('one'), second.waitForText('one')]);
	viewer.detach();
	await terminal.injectOutput('two');
	await output.waitForText('two');
	expect(second.allData().toString()).toBe('one');
	expect(harness.manager.get(id, 'tester')).toMatchObject({ attached: true, viewers: 1 });
});

test('Y16 an error without a cause has a text', () => {
	expect(String(new ExecError('Nothing'))).toBe('ExecError: Nothing');
});

test('Y19 sessions are their owner’s, or shared; there are so many; what idles is closed', async () => {
	await using harness = new ExecHarness([shell], { limits: { plugin: 3, caller: 2 } });
	const { manager, clock } = harness;
	const share = { reader: 'read' as const };
	await manager.create({ id: 'a', share }, me);
	await manager.create({ id: 'b' }, me);
	await expect(manager.create({}, me)).rejects.toMatchObject({ code: 'overloaded' });
	expect(manager.list('stranger')).toEqual([]);
	expect(() => manager.get('a', 'stranger')).toThrow('session not found');
	expect(manager.get('a', 'reader').id).toBe('a');
	expect(() => manager.attach('a', new RecordingOutput(), 'reader')).toThrow('for reading only');
	const viewer = manager.attach('a', new RecordingOutput(), 'reader', { readOnly: true });
	clock.advance(3_600_000);
	await harness.ends.waitForSignal('CLOSE');
	expect(manager.list('tester').map(({ id }) => id)).toEqual(['a']);
	viewer.detach();
});

test('where nothing is said one caller has 64 sessions, and a plugin 256', async () => {
	await using harness = new ExecHarness([noopHandler]);
	const { manager } = harness;
	const open = async (caller: string, count: number) => {
		for (let at = 0; at < count; at++) await manager.create({}, { caller });
	};
	await open('a', 64);
	await expect(open('a', 1)).rejects.toMatchObject({
		code: 'overloaded',
		message: expect.stringContaining('a has 64'),
	});
	for (const caller of ['b', 'c', 'd']) await open(caller, 64);
	await expect(open('e', 1)).rejects.toMatchObject({
		message: expect.stringContaining('plugin test has 256'),
	});
});

test('the end of a session waits for who does not read, ten seconds and no longer', async () => {
	await using harness = new ExecHarness([shell]);
	const { id, output, terminal } = await harness.mount();
	output.pause();
	await terminal.injectOutput('unread');
	await output.waitForText('unread');
	let closed = false;
	const closing = harness.manager.close(id, 'tester').then(() => {
		closed = true;
	});
	for (let turn = 0; turn < 20; turn++) await settled();
	harness.clock.advance(9_999);
	await settled();
	expect(closed).toBe(false);
	harness.clock.advance(1);
	await closing;
	expect(output.detached).toBe('the session was closed');
});

test('a plugin that stops opens no session, and ends the one that was being opened', async () => {
	let begin = () => {};
	const begun = new Promise<void>((resolve) => {
		begin = resolve;
	});
	let go = () => {};
	const going = new Promise<void>((resolve) => {
		go = resolve;
	});
	const slow = {
		resource: 'slow',
		tty: () => {
			begin();
			return going;
		},
	};
	const harness = new ExecHarness([slow]);
	const opening = expect(harness.manager.create({}, me)).rejects.toMatchObject({ code: 'shutting_down' });
	await begun;
	await harness.manager.closeAll();
	go();
	await opening;
	expect(harness.terminals.last.closed).toBe(true);
	await expect(harness.manager.create({}, me)).rejects.toMatchObject({ code: 'shutting_down' });
	expect(harness.terminals.made).toHaveLength(1);
	expect(harness.manager.list('tester')).toEqual([]);
});

test('a session begins to be idle when who watched it leaves', async () => {
	await using harness = new ExecHarness([shell], { idleTimeoutMs: 3_600_000 });
	const { manager, clock } = harness;
	await manager.create({ id: 'a' }, me);
	const viewer = manager.attach('a', new RecordingOutput(), 'tester');
	clock.advance(3_590_000);
	viewer.detach();
	clock.advance(3_000_000);
	await settled();
	expect(manager.list('tester')).toHaveLength(1);
	clock.advance(700_000);
	await harness.ends.waitForSignal('CLOSE');
	expect(manager.list('tester')).toEqual([]);
});

test('a command that fails ends its session with an error and the code 1; its lines name session and caller', async () => {
	const lines: unknown[] = [];
	const line =
		(level: string): ExecLog['info'] =>
		(message, fields) =>
			void lines.push([level, message, fields]);
	const log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
	const failing: ExecHandler = {
		resource: 'fails',
		command(_options, ctx) {
			ctx.log.warn('about to fail', { more: 1 });
			throw new Error('no luck');
		},
	};
	await using harness = new ExecHarness([failing], { log: () => log });
	const { output } = await harness.mount({ id: 'a', tty: false, resourceKey: 'k' });
	await output.waitForSignal('CLOSE');
	expect(output.outputs.map(({ signal }) => signal)).toEqual(['ERROR', 'CLOSE']);
	expect(output.outputs.at(-1)?.exit).toEqual({ code: 1, signal: null });
	const facts = { session: 'a', caller: 'tester', resource: 'test/fails', resourceKey: 'k' };
	expect(lines).toEqual([['warn', 'about to fail', { ...facts, more: 1 }]]);
});
