import { randomUUID } from 'node:crypto';
import type { ExecResource, ExecSessionInfo, SessionInput } from '../services/exec-service.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { type ExecClock, systemExecClock } from './exec-clock.ts';
import { sessionNotFound, terminalError } from './exec-error.ts';
import type { CommandOutput, ExecContext, ExecHandler, ExecLog, ExecOptions } from './exec-handler.ts';
import {
	initialSize,
	outputBufferBytes,
	sessionCloseTimeoutMs,
	sessionLimits,
	unwatchedTimeoutMs,
} from './exec-limits.ts';
import { assertSize, ExecSession } from './exec-session.ts';
import type { OutputSink } from './output-sink.ts';
import { SessionLog } from './session-log.ts';
import { processSignal } from './stream-signal.ts';
import { openTerminal } from './terminal/open-terminal.ts';
import type { OutputTarget, Terminal, TerminalFactory, TerminalSize } from './terminal/terminal.ts';
import type { Viewer } from './viewer.ts';

/** Parts of a manager; each has a default. */
export interface ExecManagerOptions {
	readonly terminals?: TerminalFactory;
	readonly clock?: ExecClock;
	/** Receives the `ERROR` and `CLOSE` of every session, watched or not. */
	readonly sink?: OutputSink;
	/** Makes the log of a handler. Default: nothing is logged. */
	readonly log?: (requestId: string, traceParent: string) => ExecLog;
	/** Bytes of output that a session keeps. Default 1,000,000. */
	readonly outputBufferBytes?: number;
	/** Milliseconds; see {@link unwatchedTimeoutMs}. */
	readonly idleTimeoutMs?: number;
	readonly limits?: { readonly plugin: number; readonly caller: number };
}

/** The caller, and the request that it makes. */
export interface ExecCaller {
	readonly caller: string;
	readonly requestId?: string;
	readonly traceParent?: string;
}

const silent = () => {};
const silentLog: ExecLog = { debug: silent, info: silent, warn: silent, error: silent };

/**
 * The terminal sessions of one plugin. They belong to it, not to the calls that opened them. A caller sees its own, and those that are
 * shared with it; the manager closes what it opened.
 */
export class ExecManager {
	readonly #pluginId: string;
	readonly #handlers = new Map<string, ExecHandler>();
	readonly #sessions = new Map<string, ExecSession>();
	/** Ids that are being opened, with who opens them. */
	readonly #reserved = new Map<string, string>();
	readonly #options: ExecManagerOptions;
	readonly #clock: ExecClock;
	#closed = false;
	#stopReaping: (() => void) | undefined;

	/** @throws OrchestraError `invalid_plugin` where two handlers have one key */
	constructor(pluginId: string, handlers: readonly ExecHandler[], options: ExecManagerOptions = {}) {
		this.#pluginId = pluginId;
		this.#options = options;
		this.#clock = options.clock ?? systemExecClock;
		for (const handler of handlers) {
			const key = `${handler.plugin ?? pluginId}/${handler.resource}`;
			if (this.#handlers.has(key)) {
				throw new OrchestraError('invalid_plugin', `duplicate exec handler key ${key}`);
			}
			// A copy: what is changed afterwards has no effect.
			this.#handlers.set(key, { ...handler, defaultCommand: [...(handler.defaultCommand ?? [])] });
		}
	}

	/** Resources on which sessions can be opened. */
	resources(): ExecResource[] {
		return [...this.#handlers.values()].map((handler) => ({
			plugin: handler.plugin ?? this.#pluginId,
			resource: handler.resource,
			description: handler.description ?? '',
			defaultCommand: [...(handler.defaultCommand ?? [])],
			tty: handler.tty !== undefined,
			session: handler.session !== undefined,
			command: handler.command !== undefined,
			handlesResize: handler.resize !== undefined,
			...(handler.target ? { target: structuredClone(handler.target) } : {}),
		}));
	}

	/** The sessions that a caller sees. */
	list(caller: string): ExecSessionInfo[] {
		return [...this.#sessions.values()].filter((session) => session.rightOf(caller)).map(({ info }) => info);
	}

	/** @throws OrchestraError `session_not_found` */
	get(id: string, caller: string): ExecSessionInfo {
		return this.#find(id, caller, 'read').info;
	}

	/**
	 * Opens a session. Its id is taken before anything of it is made.
	 *
	 * @throws OrchestraError `handler_not_found`, `session_exists`, `terminal_error`, `invalid_arguments`, `overloaded`, `shutting_down`
	 */
	async create(input: SessionInput, by: ExecCaller): Promise<ExecSessionInfo> {
		return (await this.#create(input, by)).info;
	}

	/** Opens a session and watches it from its first byte. Throws what {@link create} throws. */
	async open(input: SessionInput, sink: OutputSink, by: ExecCaller): Promise<Viewer> {
		let viewer: Viewer | undefined;
		await this.#create(input, by, (session) => {
			viewer = session.attach(sink, false, 0);
		});
		return viewer as Viewer;
	}

	async #create(
		input: SessionInput,
		by: ExecCaller,
		onMade?: (session: ExecSession) => void,
	): Promise<ExecSession> {
		if (this.#closed) throw new OrchestraError('shutting_down', `plugin ${this.#pluginId} is stopping`);
		const { tty = true, rows = initialSize.rows, cols = initialSize.cols, id = randomUUID() } = input;
		assertInput(input, id);
		assertSize(rows, cols);
		const handler = this.#handler(input, tty);
		this.#reserve(id, by.caller);
		try {
			const options = frozenOptions(input, id, tty, handler, this.#pluginId);
			const terminal = await this.#openTerminal(id, { rows, cols }, tty);
			try {
				return await this.#begin(options, handler, terminal, input, by, onMade);
			} catch (error) {
				terminal.close();
				throw error;
			}
		} finally {
			this.#reserved.delete(id);
		}
	}

	async #begin(
		options: ExecOptions,
		handler: ExecHandler,
		terminal: Terminal,
		input: SessionInput,
		by: ExecCaller,
		onMade?: (session: ExecSession) => void,
	): Promise<ExecSession> {
		const { id } = options;
		const ending = new AbortController();
		let session: ExecSession | undefined;
		let stopped: { error: unknown | undefined } | undefined;
		const log = this.#handlerLog(options, by);
		const ctx: ExecContext = {
			caller: by.caller,
			requestId: by.requestId ?? '',
			traceParent: by.traceParent ?? '',
			signal: ending.signal,
			log,
			stop(error) {
				stopped ??= { error };
				session?.stop(error == null ? undefined : { error });
			},
		};
		try {
			if (options.tty) await handler.tty?.(options, terminal, ctx);
			else if (handler.session) await handler.session(options, terminal, ctx);
			else void runCommand(handler, options, terminal, ctx);
		} catch (error) {
			ending.abort();
			throw terminalError(id, error);
		}
		if (this.#closed) throw new OrchestraError('shutting_down', `plugin ${this.#pluginId} is stopping`);
		session = new ExecSession({
			options,
			handler,
			terminal,
			owner: by.caller,
			share: { ...input.share },
			clock: this.#clock,
			log: new SessionLog(this.#options.outputBufferBytes ?? outputBufferBytes),
			onClosed: (ended) => {
				ending.abort();
				this.#sessions.delete(ended.id);
			},
			onLast: (output) => void this.#options.sink?.onOutput(output),
			warn: (message) => log.warn(message),
		});
		session.ending.signal.addEventListener('abort', () => ending.abort(), { once: true });
		this.#sessions.set(id, session);
		onMade?.(session);
		if (stopped) session.stop(stopped.error == null ? undefined : { error: stopped.error });
		this.#reap();
		return session;
	}

	/** Watches a session. @throws OrchestraError `session_not_found`, `permission_denied` */
	attach(
		id: string,
		sink: OutputSink,
		caller: string,
		options: { readOnly?: boolean; from?: number } = {},
	): Viewer {
		const { readOnly = false, from } = options;
		return this.#find(id, caller, readOnly ? 'read' : 'write').attach(sink, readOnly, from);
	}

	/** Detaches every viewer; how many there were. @throws OrchestraError `session_not_found`, `permission_denied` */
	detach(id: string, caller: string): number {
		return this.#find(id, caller, 'write').detachAll('somebody detached it');
	}

	/** @throws OrchestraError `session_not_found`, `permission_denied`, `invalid_arguments`, `deadline_exceeded` */
	resize(id: string, size: TerminalSize, caller: string): Promise<void> {
		return this.#find(id, caller, 'write').resize(size);
	}

	/** To the foreground group of the program. False where none runs. @throws as {@link resize} */
	async signal(id: string, named: string | number, caller: string): Promise<boolean> {
		const session = this.#find(id, caller, 'write');
		const signal = processSignal(named);
		if (signal) return session.terminal.signal(signal);
		throw new OrchestraError('invalid_arguments', `${JSON.stringify(named)} is no signal`, {
			hint: 'It is one of INT, QUIT, TERM, KILL, HUP, USR1, USR2, WINCH.',
		});
	}

	/** Output that is kept, stdout and stderr apart. @throws OrchestraError `session_not_found` */
	logs(id: string, caller: string): { stdout: Buffer; stderr: Buffer; missed: number } {
		const { log } = this.#find(id, caller, 'read');
		const parts: Record<OutputTarget, Uint8Array[]> = { stdout: [], stderr: [] };
		const missed = log.replayStart;
		for (let at = missed, piece = log.read(at); piece; piece = log.read(at)) {
			parts[piece.target].push(piece.data);
			at += piece.data.length;
		}
		return { stdout: Buffer.concat(parts.stdout), stderr: Buffer.concat(parts.stderr), missed };
	}

	/** Ends a session; resolves when its viewers have heard it, at most 10 s later. @throws OrchestraError `session_not_found`, `permission_denied` */
	async close(id: string, caller: string): Promise<void> {
		await this.#close(this.#find(id, caller, 'write'));
	}

	/** Ends all sessions. Never rejects. */
	async closeAll(): Promise<void> {
		this.#closed = true;
		this.#stopReaping?.();
		await Promise.all([...this.#sessions.values()].map((session) => this.#close(session)));
	}

	async #close(session: ExecSession): Promise<void> {
		session.stop();
		let stop = () => {};
		const late = new Promise<void>((resolve) => {
			stop = this.#clock.after(sessionCloseTimeoutMs, () => {
				// Whoever still reads by now does not read.
				session.detachAll('the session was closed');
				session.terminal.close();
				resolve();
			});
		});
		await Promise.race([session.ended, late]);
		stop();
	}

	#find(id: string, caller: string, needed: 'read' | 'write'): ExecSession {
		const session = this.#sessions.get(id);
		const right = session?.rightOf(caller);
		if (!session || !right) throw sessionNotFound(id);
		if (needed === 'read' || right === 'write') return session;
		throw new OrchestraError('permission_denied', `session ${id} is shared with ${caller} for reading only`);
	}

	#handler(input: SessionInput, tty: boolean): ExecHandler {
		const plugin = input.plugin ?? this.#pluginId;
		const only = this.#handlers.size === 1 && !input.resource && !input.plugin;
		const [first] = this.#handlers.values();
		const key = `${plugin}/${input.resource ?? ''}`;
		const handler = only ? first : this.#handlers.get(key);
		const able = handler && (tty ? handler.tty : (handler.session ?? handler.command));
		if (handler && able) return handler;
		const what = handler
			? `${key} has none ${tty ? 'with' : 'without'} a terminal`
			: `no handler for "${key}"`;
		throw new OrchestraError(
			'handler_not_found',
			`${what} (available: [${[...this.#handlers.keys()].join(', ')}])`,
			handler ? { hint: tty ? 'Go without a terminal: -T.' : 'Ask for a terminal.' } : {},
		);
	}

	#reserve(id: string, caller: string): void {
		if (this.#sessions.has(id) || this.#reserved.has(id)) {
			throw new OrchestraError('session_exists', `session ${id}: session already exists`);
		}
		const { plugin, caller: each } = this.#options.limits ?? sessionLimits;
		const owners = [...this.#sessions.values()].map(({ owner }) => owner).concat(...this.#reserved.values());
		const own = owners.filter((owner) => owner === caller).length;
		if (owners.length >= plugin || own >= each) {
			const whose = own >= each ? `${caller} has ${own}` : `plugin ${this.#pluginId} has ${owners.length}`;
			throw new OrchestraError('overloaded', `${whose} terminal sessions open`, {
				hint: 'Close sessions that are not needed: orchestra exec kill.',
				retryable: true,
			});
		}
		this.#reserved.set(id, caller);
	}

	async #openTerminal(id: string, size: TerminalSize, tty: boolean): Promise<Terminal> {
		try {
			const terminal = await (this.#options.terminals ?? openTerminal)({ ...size, tty });
			if (!terminal) throw new Error('there is none');
			return terminal;
		} catch (error) {
			throw terminalError(id, error);
		}
	}

	/** Closes what nobody has used for long; asks again every minute while there are sessions. */
	#reap(): void {
		if (this.#stopReaping) return;
		const limit = this.#options.idleTimeoutMs ?? unwatchedTimeoutMs;
		this.#stopReaping = this.#clock.after(Math.min(60_000, limit), () => {
			this.#stopReaping = undefined;
			for (const session of this.#sessions.values()) if (session.idleMs >= limit) void this.#close(session);
			if (this.#sessions.size > 0) this.#reap();
		});
	}

	#handlerLog({ id, plugin, resource, resourceKey }: ExecOptions, by: ExecCaller): ExecLog {
		const log = this.#options.log?.(by.requestId ?? '', by.traceParent ?? '') ?? silentLog;
		const facts = { session: id, caller: by.caller, resource: `${plugin}/${resource}`, resourceKey };
		const at =
			(level: keyof ExecLog): ExecLog['info'] =>
			(message, fields) =>
				log[level](message, { ...facts, ...fields });
		return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
	}
}

/** Runs a plain command, and puts out what it answers. */
async function runCommand(
	handler: ExecHandler,
	options: ExecOptions,
	terminal: Terminal,
	ctx: ExecContext,
): Promise<void> {
	try {
		const result = (await handler.command?.(options, ctx)) ?? {};
		await Promise.all([
			printAll(terminal, result.stdout, 'stdout'),
			printAll(terminal, result.stderr, 'stderr'),
		]);
		terminal.finish(result.code ?? 0);
		ctx.stop();
	} catch (error) {
		ctx.stop(error);
	}
}

async function printAll(
	terminal: Terminal,
	output: CommandOutput | undefined,
	target: OutputTarget,
): Promise<void> {
	if (output === undefined) return;
	if (typeof output === 'string' || output instanceof Uint8Array) {
		await terminal.print(output, target);
		return;
	}
	for await (const data of output) await terminal.print(data, target);
}

function frozenOptions(
	input: SessionInput,
	id: string,
	tty: boolean,
	handler: ExecHandler,
	pluginId: string,
): ExecOptions {
	const command = (input.command ?? []).length > 0 ? input.command : handler.defaultCommand;
	return Object.freeze({
		id,
		command: Object.freeze([...(command ?? [])]),
		tty,
		params: Object.freeze({ ...input.params }),
		labels: Object.freeze({ ...input.labels }),
		plugin: handler.plugin ?? pluginId,
		resource: handler.resource,
		resourceKey: input.resourceKey ?? '',
		resourceData: structuredClone(input.resourceData ?? {}),
	});
}

/** Checks the input of a caller, which may be anything. @throws OrchestraError `invalid_arguments` */
function assertInput(input: SessionInput, id: unknown): void {
	const isText = (value: unknown) => typeof value === 'string' && !value.includes('\0');
	const isTexts = (value: unknown) =>
		value === undefined ||
		(typeof value === 'object' && value !== null && Object.values(value).every(isText));
	const wrong =
		typeof id !== 'string' || !/^[\w.-]{1,64}$/.test(id)
			? '/id: 1 to 64 letters, digits, ".", "_" or "-"'
			: input.command !== undefined && !(Array.isArray(input.command) && input.command.every(isText))
				? '/command: a list of texts'
				: !isTexts(input.params)
					? '/params: an object of texts'
					: !isTexts(input.labels)
						? '/labels: an object of texts'
						: !isTexts(input.share)
							? '/share: an object of "read" and "write"'
							: undefined;
	if (wrong) throw new OrchestraError('invalid_arguments', `a session cannot be opened so: ${wrong}`);
}
