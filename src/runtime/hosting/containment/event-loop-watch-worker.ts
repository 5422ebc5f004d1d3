// The thread that watches the event loop of the main one. It must not wait for the main thread in any way: it writes to file
// descriptor 2 itself, since a worker's process.stderr goes through the main thread.
import { writeSync } from 'node:fs';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { MarkedTool } from './embedded-plugins.ts';
import type { LastWords, WatcherData, WatcherMessage } from './event-loop-watch.ts';

/** The same numbers as in event-loop-watch.ts, which this thread has no use for otherwise. */
const beatsAt = 0;
const blockedMsAt = 1;
const blockedToolAt = 2;

const tickMs = 100;

/** Milliseconds without a beat from which the loop counts as blocked. */
const blockedFromMs = 1000;

/** The same where no tool runs, and it is not clear who blocks it. */
const unclearFromMs = 3000;

/** Milliseconds beyond the deadline in which the main thread may still tell of it itself. */
const deadlineGraceMs = 500;

if (!isMainThread) watch(workerData as WatcherData);

function watch({ shared, runningTool, json, tells, deadlineMs, signalGraceMs }: WatcherData): void {
	const tools = new Map<number, MarkedTool>();
	let plugins: readonly string[] = [];
	parentPort?.on('message', (message: WatcherMessage) => {
		if ('plugins' in message) plugins = message.plugins;
		else tools.set(message.mark, message);
	});

	let beats = 0;
	let blockedMs = 0;
	let toldMs = blockedFromMs;
	let last = performance.now();
	let interrupts = 0;
	let endsAtMs: number | undefined;

	const who = () => {
		const tool = tools.get(Atomics.load(runningTool, 0));
		if (tool) return `tool ${tool.tool} of plugin ${tool.plugin} blocks the event loop`;
		const before = tools.get(Atomics.load(runningTool, 1));
		const called = before ? `; tool ${before.tool} of plugin ${before.plugin} was called last` : '';
		if (plugins.length === 1) return `plugin ${plugins[0]} blocks the event loop${called}`;
		return `something blocks the event loop, perhaps one of the plugins ${plugins.join(', ')}${called}`;
	};

	setInterval(() => {
		const now = performance.now();
		// A machine that is busy, or was asleep, holds this thread up too: that is nobody's block.
		const passed = Math.min(now - last, 2 * tickMs);
		last = now;
		const counted = Atomics.load(shared, beatsAt);
		if (counted !== beats) {
			beats = counted;
			blockedMs = 0;
			toldMs = blockedFromMs;
			interrupts = 0;
			endsAtMs = undefined;
			return;
		}
		// Before there is a plugin the main thread is still starting.
		if (plugins.length + tools.size === 0 && deadlineMs === undefined && interrupts === 0) return;
		blockedMs += passed;
		if (endsAtMs !== undefined && blockedMs >= endsAtMs) {
			end({ code: 'cancelled', message: `ended by a signal: ${who()}, and heard nothing` });
		}
		if (deadlineMs !== undefined && blockedMs >= deadlineMs + deadlineGraceMs) {
			end({
				code: 'deadline_exceeded',
				message: `no answer within ${deadlineMs / 1000} s: ${who()}, and never let go`,
			});
		}
		if (blockedMs < blockedFromMs) return;
		Atomics.store(shared, blockedMsAt, Math.round(blockedMs));
		Atomics.store(shared, blockedToolAt, Atomics.load(runningTool, 0));
		// Without a running tool it may be the host itself, which has much to do when it starts.
		if (blockedMs < toldMs || (Atomics.load(runningTool, 0) === 0 && blockedMs < unclearFromMs)) return;
		// After 1, 2, 4, 8 … seconds.
		toldMs = 2 * toldMs;
		if (tells) say(`warn ${who()}, for ${Math.round(blockedMs / 1000)} s so far`);
	}, tickMs);

	onSignals((signal) => {
		// A main thread that runs gets the signal itself; the beats begin anew then.
		interrupts++;
		const message = `ended by ${signal}: ${who()}, and heard nothing`;
		if (interrupts >= 2 && blockedMs >= 2 * tickMs) end({ code: 'cancelled', message });
		if (signal === 'SIGTERM') endsAtMs ??= blockedMs + signalGraceMs;
		else if (blockedMs >= 2 * tickMs && !json) say(`${who()}: another Ctrl-C ends it`);
	});

	function end({ code, message }: LastWords): never {
		say(json ? JSON.stringify({ error: { code, message } }) : `error ${message}`);
		for (;;) process.kill(process.pid, 'SIGKILL');
	}
}

function say(line: string): void {
	try {
		writeSync(2, `${line}\n`);
	} catch {
		// Nobody reads it, or the pipe is full: what is to be done is done all the same.
	}
}

interface SignalWatcher {
	onsignal: (number: number) => void;
	start(number: number): number;
	unref(): void;
}

/**
 * Listens for signals in this thread. Deno's workers can; Node's have no `process.on` for signals, but the native class beneath it works in
 * any thread. Where neither is there, a process that is blocked only ends by SIGKILL or its deadline.
 */
function onSignals(listener: (signal: string) => void): void {
	try {
		const deno = (globalThis as { Deno?: { addSignalListener(name: string, run: () => void): void } }).Deno;
		if (deno) {
			for (const name of ['SIGINT', 'SIGTERM']) deno.addSignalListener(name, () => listener(name));
			return;
		}
		// This thread's own: nobody is to read that the class may go one day.
		process.noDeprecation = true;
		const { Signal } = (
			process as unknown as { binding(name: string): { Signal: new () => SignalWatcher } }
		).binding('signal_wrap');
		for (const [name, number] of [
			['SIGINT', 2],
			['SIGTERM', 15],
		] as const) {
			const watcher = new Signal();
			watcher.onsignal = () => listener(name);
			watcher.start(number);
			watcher.unref();
		}
	} catch {
		// Neither is there.
	}
}
