import { SHARE_ENV, Worker } from 'node:worker_threads';
import { runningTool } from '../../plugin/serving/running-tool.ts';
import { embeddedNames, type MarkedTool, onEmbeddedTool } from './embedded-plugins.ts';

/** Milliseconds between two beats of the thread that is watched. */
export const beatMs = 50;

/** Places in the memory that both threads share. */
export const shared = {
	/** Counted up by the watched thread with each beat. */
	beats: 0,
	/** Milliseconds for which the watcher saw it blocked, the last time. */
	blockedMs: 1,
	/** The tool that ran then; 0 where none did. */
	blockedTool: 2,
	length: 3,
} as const;

/** Text that the watcher prints before it ends the process, or the document of `--json`. */
export interface LastWords {
	readonly code: 'deadline_exceeded' | 'cancelled';
	readonly message: string;
}

/** Options of watching the event loop. */
export interface EventLoopWatchOptions {
	/** The module of the watcher. */
	readonly worker: string | URL;
	/** Whether last words are the JSON document `{"error": {code, message}}`. */
	readonly json: boolean;
	/** Whether the watcher says on stderr that the loop is blocked, while it is. */
	readonly tells: boolean;
	/** Milliseconds that the loop may be blocked before the process is ended. Default: for ever. */
	readonly deadlineMs?: number | undefined;
	/** Milliseconds that a blocked loop gets after SIGTERM. A second Ctrl-C ends it at once. */
	readonly signalGraceMs: number;
	/** Called when the loop goes on after a tool blocked it for a second or more, or something unknown for three. */
	readonly onBlocked: (block: LoopBlock) => void;
}

/** The loop was blocked. */
export interface LoopBlock {
	readonly ms: number;
	/** The plugin whose tool ran; where none did, all that are embedded. */
	readonly plugin: string;
	readonly tool: string | undefined;
}

/** Data with which the watcher is started. */
export interface WatcherData {
	readonly shared: Int32Array;
	readonly runningTool: Int32Array;
	readonly json: boolean;
	readonly tells: boolean;
	readonly deadlineMs: number | undefined;
	readonly signalGraceMs: number;
}

/** Messages to the watcher while it runs. */
export type WatcherMessage = MarkedTool | { readonly plugins: readonly string[] };

export interface EventLoopWatch {
	readonly close: () => void;
}

/**
 * Watches the event loop of this thread from another one, which can act where this one cannot: say who blocks it, and end the process
 * when its deadline has passed or a signal asks for its end. It ends it with SIGKILL, since nothing less ends a thread that runs.
 */
export function watchEventLoop(options: EventLoopWatchOptions): EventLoopWatch {
	const { worker: module, onBlocked, json, tells, deadlineMs, signalGraceMs } = options;
	const memory = new Int32Array(new SharedArrayBuffer(4 * shared.length));
	const workerData: WatcherData = { shared: memory, runningTool, json, tells, deadlineMs, signalGraceMs };
	const tools = new Map<number, MarkedTool>();
	// It shares what it can: its start is the price of the watch.
	const worker = new Worker(module, {
		workerData,
		execArgv: [],
		env: SHARE_ENV,
		trackUnmanagedFds: false,
	});
	worker.unref();
	// Without a watcher everything works as it does without containment.
	worker.on('error', () => close());
	const unsubscribe = onEmbeddedTool((tool) => {
		tools.set(tool.mark, tool);
		worker.postMessage(tool satisfies WatcherMessage);
		worker.postMessage({ plugins: embeddedNames() } satisfies WatcherMessage);
	});
	let told = '';
	const beat = setInterval(() => {
		Atomics.add(memory, shared.beats, 1);
		const plugins = embeddedNames();
		const names = plugins.join(', ');
		if (names !== told) worker.postMessage({ plugins } satisfies WatcherMessage);
		told = names;
		const ms = Atomics.exchange(memory, shared.blockedMs, 0);
		const tool = tools.get(Atomics.load(memory, shared.blockedTool));
		// Without a running tool it may have been the host itself, which has much to do when it starts.
		if (ms < (tool ? 1000 : 3000)) return;
		onBlocked({ ms, plugin: tool?.plugin ?? names, tool: tool?.tool });
	}, beatMs);
	beat.unref();
	function close(): void {
		clearInterval(beat);
		unsubscribe();
		void worker.terminate();
	}
	return { close };
}
