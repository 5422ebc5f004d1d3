import type { ExitStatus } from '../platform/exit-status.ts';
import type { ExecSessionInfo } from '../services/exec-service.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { ExecClock } from './exec-clock.ts';
import { streamError } from './exec-error.ts';
import type { ExecHandler, ExecOptions } from './exec-handler.ts';
import { resizeTimeoutMs, viewerStallTimeoutMs } from './exec-limits.ts';
import type { OutputSink, SessionOutput } from './output-sink.ts';
import type { SessionLog } from './session-log.ts';
import type { Terminal, TerminalSize } from './terminal/terminal.ts';
import { Viewer, type WatchedSession } from './viewer.ts';

/** Milliseconds in which the exit status of a program comes after the end of its output. */
const exitGraceMs = 2_000;

/** Parts of a session. */
export interface SessionParts {
	readonly options: ExecOptions;
	readonly handler: ExecHandler;
	readonly terminal: Terminal;
	readonly owner: string;
	readonly share: Readonly<Record<string, 'read' | 'write'>>;
	readonly clock: ExecClock;
	readonly log: SessionLog;
	/** The terminal is closed: nobody may find the session any more. */
	readonly onClosed: (session: ExecSession) => void;
	/** Called with the last outputs, attached or not. */
	readonly onLast: (output: SessionOutput) => void;
	readonly warn: (message: string) => void;
}

/** One session: a terminal, the log of what it put out, and who watches. */
export class ExecSession implements WatchedSession {
	readonly id: string;
	readonly terminal: Terminal;
	readonly owner: string;
	readonly log: SessionLog;
	/** Aborts when it ends. */
	readonly ending = new AbortController();
	/** Resolves when everybody who watches has heard of its end. Never rejects. */
	readonly ended: Promise<void>;
	readonly #parts: SessionParts;
	readonly #createdAt: Date;
	readonly #viewers = new Set<Viewer>();
	#lastOutputs: readonly SessionOutput[] | undefined;
	#failure: { readonly error: unknown } | undefined;
	#stopping = false;
	#room: (() => void) | undefined;
	#activeAt: number;

	constructor(parts: SessionParts) {
		this.#parts = parts;
		this.id = parts.options.id;
		this.terminal = parts.terminal;
		this.owner = parts.owner;
		this.log = parts.log;
		this.#activeAt = parts.clock.now();
		this.#createdAt = new Date(this.#activeAt);
		this.ended = this.#run();
	}

	/** Outputs that come after all others, once it has ended. */
	get lastOutputs(): readonly SessionOutput[] | undefined {
		return this.#lastOutputs;
	}

	/** Right of a caller to the session; undefined for none. */
	rightOf(caller: string): 'read' | 'write' | undefined {
		if (caller === this.owner) return 'write';
		return Object.hasOwn(this.#parts.share, caller) ? this.#parts.share[caller] : undefined;
	}

	get info(): ExecSessionInfo {
		const { id, command, labels, params, plugin, resource, resourceKey, tty } = this.#parts.options;
		const { rows, cols } = this.terminal.size;
		return {
			id,
			command: [...command],
			labels: { ...labels },
			params: { ...params },
			plugin,
			resource,
			resourceKey,
			tty,
			owner: this.owner,
			attached: this.#viewers.size > 0,
			viewers: this.#viewers.size,
			rows,
			cols,
			outputBytes: this.log.end,
			createdAt: this.#createdAt.toISOString(),
		};
	}

	/** Milliseconds since anything was put in or out or watched; 0 while somebody watches. */
	get idleMs(): number {
		return this.#viewers.size > 0 ? 0 : this.#parts.clock.now() - this.#activeAt;
	}

	/** Watches it from a place on. No output can come between what is replayed and what follows: both are read from the log. */
	attach(sink: OutputSink, readOnly: boolean, from?: number): Viewer {
		const { log } = this;
		// A place that is gone stays: the viewer hears how much it missed.
		const place = from === undefined ? log.replayStart : Math.min(Math.max(0, Math.floor(from)), log.end);
		const viewer = new Viewer(this, sink, readOnly, place);
		this.#viewers.add(viewer);
		return viewer;
	}

	/** Detaches everybody; how many there were. */
	detachAll(reason: string): number {
		const viewers = [...this.#viewers];
		for (const viewer of viewers) viewer.detach(reason);
		return viewers.length;
	}

	forget(viewer: Viewer): void {
		if (this.#viewers.delete(viewer)) this.#activeAt = this.#parts.clock.now();
		this.moved();
	}

	/** A viewer has got on. */
	moved(): void {
		this.#room?.();
	}

	sinkFailed(error: unknown): void {
		this.#parts.warn(`a viewer of session ${this.id} is gone: ${streamError(error).message}`);
	}

	/** @throws OrchestraError `session_closed` */
	async write(data: Uint8Array): Promise<void> {
		if (this.#stopping) throw new OrchestraError('session_closed', `session ${this.id}: session is closed`);
		this.#activeAt = this.#parts.clock.now();
		await this.terminal.write(data);
	}

	endInput(): void {
		this.terminal.endInput();
	}

	/** @throws OrchestraError `invalid_arguments`, `deadline_exceeded` where the handler does not take it in 500 ms */
	async resize({ rows, cols }: TerminalSize): Promise<void> {
		assertSize(rows, cols);
		const { handler, options, clock } = this.#parts;
		if (!handler.resize) {
			this.terminal.resize({ rows, cols });
			return;
		}
		let stop = () => {};
		const late = new Promise<never>((_resolve, reject) => {
			stop = clock.after(resizeTimeoutMs, () =>
				reject(
					new OrchestraError(
						'deadline_exceeded',
						`timeout sending resize to session ${this.id}: its handler did not take it in ${resizeTimeoutMs} ms`,
					),
				),
			);
		});
		try {
			await Promise.race([handler.resize({ rows, cols }, options), late]);
		} finally {
			stop();
		}
	}

	/** Begins its end: nothing new comes, and what was put out is delivered. */
	stop(failure?: { readonly error: unknown }): void {
		this.#failure ??= failure;
		if (this.#stopping) return;
		this.#stopping = true;
		this.ending.abort();
		this.terminal.stop();
		this.moved();
	}

	async #run(): Promise<void> {
		// Its owner has to know it first.
		await undefined;
		const { terminal, log } = this;
		try {
			for (let output = await terminal.read(); output; output = await terminal.read()) {
				const { length } = output.data;
				while (this.#blocking(length).length > 0) await this.#waitForRoom(length);
				log.append(output);
				this.#activeAt = this.#parts.clock.now();
				for (const viewer of this.#viewers) viewer.tell();
			}
		} catch (error) {
			this.#failure ??= { error };
		}
		await this.#end();
	}

	/** The viewers that would lose what they have not got yet. */
	#blocking(bytes: number): Viewer[] {
		const found: Viewer[] = [];
		for (const viewer of this.#viewers) {
			// One that asked for a place which was gone already loses nothing.
			if (this.log.wouldTake(Math.max(viewer.position, this.log.start), bytes)) found.push(viewer);
		}
		return found;
	}

	/** Waits until somebody has got on. Who holds up others, or the end, for too long is detached. */
	async #waitForRoom(bytes: number): Promise<void> {
		const { clock } = this.#parts;
		let stop = () => {};
		await new Promise<void>((resolve) => {
			this.#room = resolve;
			stop = clock.after(viewerStallTimeoutMs, () => {
				const blocking = this.#blocking(bytes);
				if (blocking.length < this.#viewers.size || this.#stopping) {
					for (const viewer of blocking) viewer.detach('it did not read, and held up the session');
				}
				resolve();
			});
		});
		this.#room = undefined;
		stop();
	}

	async #end(): Promise<void> {
		const { id } = this;
		// The exit status may come a moment after the end of the output.
		const exit = this.terminal.exit ?? (await this.#exitSoon());
		this.#stopping = true;
		this.ending.abort();
		this.terminal.close();
		this.#parts.onClosed(this);
		const outputs: SessionOutput[] = [];
		const at = { id, offset: this.log.end, missed: 0 };
		if (this.#failure) {
			const error = streamError(this.#failure.error);
			const data = Buffer.from(error.message);
			outputs.push({ ...at, target: 'stderr', data, signal: 'ERROR', error });
		}
		const data = Buffer.from('\nSession closed\n');
		outputs.push({ ...at, target: 'stdout', data, signal: 'CLOSE', exit });
		this.#lastOutputs = outputs;
		const watching = [...this.#viewers].map(({ done }) => done);
		for (const viewer of this.#viewers) viewer.tell();
		for (const output of outputs) this.#parts.onLast(output);
		await Promise.all(watching);
	}

	async #exitSoon(): Promise<ExitStatus> {
		const deadline = Date.now() + exitGraceMs;
		for (let late = false; this.terminal.running && !this.terminal.exit && !late; ) {
			// Looked at before the last wait: where this process stood still, the exit is heard of in that.
			late = Date.now() >= deadline;
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
		return this.terminal.exit ?? { code: this.terminal.running ? null : this.#failure ? 1 : 0, signal: null };
	}
}

/** @throws OrchestraError `invalid_arguments` */
export function assertSize(rows: unknown, cols: unknown): void {
	const fits = (value: unknown) =>
		Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535;
	if (fits(rows) && fits(cols)) return;
	throw new OrchestraError(
		'invalid_arguments',
		`invalid resize dimensions: ${JSON.stringify(rows)} rows, ${JSON.stringify(cols)} columns; each is 1 to 65535`,
	);
}
