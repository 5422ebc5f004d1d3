import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { type Line, lineDescriptors } from '../carrier/fd/line-descriptors.ts';
import { debugLog } from '../debug/debug-log.ts';
import type { ExitStatus } from '../platform/exit-status.ts';
import { settlesWithin } from '../platform/settles-within.ts';
import { marked } from './launch-mark.ts';
import { LineSplitter } from './line-splitter.ts';
import { endMarked, endOrphans } from './marked-processes.ts';
import { type OutputListener, OutputRelay, type OutputStream } from './output-relay.ts';
import { processGuard } from './process-guard.ts';
import { spawnFailure } from './start-failure.ts';

const launchLog = debugLog('launch');

/** Command of a process. */
export interface PluginCommand {
	/** A path, or a name that is looked up on `PATH`. No shell is involved. A relative path counts from `cwd`. */
	readonly command: string;
	readonly args: readonly string[];
	/** Default: the host's. */
	readonly cwd?: string | undefined;
	/** All of it: nothing is inherited. `ORCHESTRA_LAUNCH`, by which its descendants are found, is added. */
	readonly env: Readonly<Record<string, string>>;
	/** Whether it gets descriptors over which it and the host speak. Default false. */
	readonly hasLine?: boolean | undefined;
}

/** Callbacks for its output and its end. */
export interface PluginProcessOptions {
	readonly onOutput?: OutputListener | undefined;
	/** Bytes of the longest line in one piece. Default 64 KiB. */
	readonly maxLineBytes?: number | undefined;
}

/**
 * Sees a line; true where it was meant for the host and is no output, `message` where it is not even worth remembering as its last
 * words.
 */
export type LineWatcher = (line: string, stream: OutputStream) => boolean | 'message';

/** Lines, and characters of each, that are kept for the report of a failed start. */
const tailLines = 20;
const tailLineLength = 500;

/** Bytes of input that may wait for a plugin to read them. */
const maxWaitingInput = 1024 * 1024;

/** Milliseconds that the rest of a group gets between SIGTERM and SIGKILL once its leader is gone. */
const restGraceMs = 500;

/** Milliseconds that the pipes get to run empty once the group is gone, if somebody outside of it still holds them. */
const drainGraceMs = 200;

const isWindows = process.platform === 'win32';

/**
 * A plugin's process, leader of a process group (and session) of its own, so that a terminal's Ctrl-C reaches the host only and
 * whatever the plugin starts can be ended with it. Its stdin is a pipe that stays open as long as the host lives and never the
 * host's own; its output is read from the first byte to the last, whether or not anybody listens. What it starts in a session of its
 * own is found, on Linux, by a mark in the environment, and ends with it.
 */
export class PluginProcess {
	readonly pid: number;
	/** Settles when the process itself has ended and was reaped; never rejects. */
	readonly exited: Promise<ExitStatus>;
	/** Settles when nothing of it is left: its group and its marked descendants are gone, its output read, its pipes closed; never rejects. */
	readonly gone: Promise<void>;
	/** The host's ends of its descriptors, where it was given some. */
	readonly line: Line | undefined;
	readonly #child: ChildProcess;
	readonly #relay: OutputRelay;
	readonly #tail: string[] = [];
	#exit: ExitStatus | undefined;
	#lineWatcher: LineWatcher | undefined;

	private constructor(child: ChildProcess, pid: number, mark: string, options: PluginProcessOptions) {
		this.#child = child;
		this.pid = pid;
		this.#relay = new OutputRelay(options.onOutput);
		this.line = lineOf(child);
		const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
		this.exited = new Promise((resolve) => {
			child.once('exit', (code, signal) => {
				this.#exit = { code, signal };
				launchLog?.(`process ${pid} ended: ${signal ?? `exit code ${code}`}`);
				resolve(this.#exit);
			});
		});
		const release = processGuard.watch(pid);
		this.gone = this.exited
			.then(() => this.#endRest())
			.then(() => endMarked(mark))
			.then(() => settlesWithin(closed, drainGraceMs))
			.then(() => {
				release();
				child.stdin?.destroy();
				child.stdout?.destroy();
				child.stderr?.destroy();
				this.dropLine();
			});
		// EPIPE, where the plugin has closed its stdin.
		child.stdin?.on('error', () => {});
		this.#drain('stdout', options.maxLineBytes);
		this.#drain('stderr', options.maxLineBytes);
	}

	/** @throws OrchestraError `start_failed` where the executable cannot be run at all */
	static async start(command: PluginCommand, options: PluginProcessOptions = {}): Promise<PluginProcess> {
		void endOrphans();
		const { env, mark } = marked(command.env);
		let child: ChildProcess;
		try {
			child = spawn(command.command, [...command.args], {
				cwd: command.cwd,
				env,
				detached: !isWindows,
				// A pipe that is not one of the first three is a socketpair.
				stdio: command.hasLine ? ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'] : ['pipe', 'pipe', 'pipe'],
				windowsHide: true,
			});
		} catch (error) {
			throw await spawnFailure(error, command);
		}
		// Node tells a failure in an event, always after this turn; without a pid there is no process.
		if (child.pid === undefined) {
			const error = await new Promise<Error>((resolve) => child.once('error', resolve));
			throw await spawnFailure(error, command);
		}
		// A signal that could not be delivered: the process had ended.
		child.on('error', () => {});
		launchLog?.(
			`process ${child.pid}: ${[command.command, ...command.args].map((word) => JSON.stringify(word)).join(' ')}`,
		);
		return new PluginProcess(child, child.pid, mark, options);
	}

	/** Its end; undefined while it runs. */
	get exit(): ExitStatus | undefined {
		return this.#exit;
	}

	/** Lines of output that a slow listener never heard. */
	get droppedLines(): number {
		return this.#relay.dropped;
	}

	/** The last lines of its output, both streams, cut to 500 characters each. */
	get outputTail(): readonly string[] {
		return this.#tail;
	}

	/** Sets who sees every line before the listener does; undefined for nobody. */
	watchLines(watcher: LineWatcher | undefined): void {
		this.#lineWatcher = watcher;
	}

	/**
	 * Writes to its stdin. What a plugin that does not read has not taken is kept up to a limit; beyond that nothing is added.
	 * False where it was not written.
	 */
	writeInput(text: string): boolean {
		const { stdin } = this.#child;
		if (!stdin?.writable || stdin.writableLength > maxWaitingInput) return false;
		stdin.write(text);
		return true;
	}

	/** Gives its descriptors up, for a plugin that does not use them. */
	dropLine(): void {
		this.line?.toProcess.destroy();
		this.line?.toHost.destroy();
	}

	/** Tells the plugin that it is to end, if it watches its stdin. */
	closeStdin(): void {
		this.#child.stdin?.end();
	}

	/** Signals the whole group; nothing happens where the process was reaped, since its number may be another's by then. */
	signal(signal: 'SIGTERM' | 'SIGKILL' | 'SIGCONT'): void {
		if (this.#exit) return;
		if (isWindows) this.#child.kill(signal);
		else signalGroup(this.pid, signal);
	}

	/**
	 * Ends what its leader left behind in the group. While a member lives, no other process can get the group's number. A
	 * zombie that nobody reaps counts as a member, so this ends by the clock at the latest.
	 */
	async #endRest(): Promise<void> {
		if (isWindows || !signalGroup(this.pid, 'SIGTERM')) return;
		signalGroup(this.pid, 'SIGCONT');
		const end = Date.now() + restGraceMs;
		while (Date.now() < end) {
			await new Promise((resolve) => setTimeout(resolve, 25));
			if (!signalGroup(this.pid, 0)) return;
		}
		signalGroup(this.pid, 'SIGKILL');
	}

	#drain(name: OutputStream, maxLineBytes: number | undefined): void {
		const stream = this.#child[name];
		if (!stream) return;
		const splitter = new LineSplitter((line) => this.#line(line, name), maxLineBytes);
		stream.on('data', (chunk: Uint8Array) => splitter.push(chunk));
		stream.once('end', () => splitter.end());
		// A pipe that breaks has nothing more to say; 'exit' tells the rest.
		stream.on('error', () => {});
	}

	#line(line: string, stream: OutputStream): void {
		const taken = this.#lineWatcher?.(line, stream);
		if (taken === 'message') return;
		this.#tail.push(line.length > tailLineLength ? `${line.slice(0, tailLineLength)}…` : line);
		if (this.#tail.length > tailLines) this.#tail.shift();
		if (!taken) this.#relay.push(line, stream);
	}
}

function lineOf({ stdio }: ChildProcess): Line | undefined {
	const toProcess = stdio[lineDescriptors.toProcess] as Socket | null | undefined;
	const toHost = stdio[lineDescriptors.toHost] as Socket | null | undefined;
	if (!toProcess || !toHost) return undefined;
	// A process that ended at once: its end says more.
	for (const socket of [toProcess, toHost]) socket.on('error', () => {});
	return { toProcess, toHost };
}

/** False where the group has no member that may be signalled. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
	try {
		process.kill(-group, signal);
		return true;
	} catch {
		return false;
	}
}
