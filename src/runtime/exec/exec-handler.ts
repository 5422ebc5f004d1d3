import type { ActionTarget } from '../services/exec-service.ts';
import type { JsonObject } from '../wire/json-value.ts';
import type { HandlerTerminal, TerminalSize } from './terminal/terminal.ts';

/** Log of a handler. `fields` are facts for programs. */
export type ExecLog = {
	readonly [Level in 'debug' | 'info' | 'warn' | 'error']: (message: string, fields?: JsonObject) => void;
};

/** Context of a handler: its session, besides what was asked for. */
export interface ExecContext {
	/** The peer that opened the session, as the certificate says. */
	readonly caller: string;
	/** The request that opened it. */
	readonly requestId: string;
	readonly traceParent: string;
	/** Aborts when the session ends. */
	readonly signal: AbortSignal;
	/** Its lines carry the session, the caller, the request and the resource. */
	readonly log: ExecLog;
	/** Ends the session: what was put out is delivered first. With an error its viewers are told of it; an {@link ExecError} says the most. */
	stop(error?: unknown): void;
}

/** Options with which a session is opened, as its handler gets them: frozen copies. */
export interface ExecOptions {
	readonly id: string;
	/** Command that the caller wants to be run, else the handler's default command. */
	readonly command: readonly string[];
	readonly tty: boolean;
	readonly params: Readonly<Record<string, string>>;
	readonly labels: Readonly<Record<string, string>>;
	/** The plugin and the kind of the resource, as in the handler's key. */
	readonly plugin: string;
	readonly resource: string;
	/** Key of the resource; empty for none. */
	readonly resourceKey: string;
	readonly resourceData: JsonObject;
}

/** Output of a plain command. */
export type CommandOutput = string | Uint8Array | AsyncIterable<string | Uint8Array>;

/** Answer of {@link ExecHandler.command}. */
export interface CommandResult {
	readonly stdout?: CommandOutput;
	readonly stderr?: CommandOutput;
	/** Default 0. */
	readonly code?: number;
}

/**
 * Starts a session: runs a program (`terminal.run`), or puts out and reads by itself in the background until `ctx.stop()`. It
 * returns when the session has begun; throwing refuses it.
 */
export type TerminalHandler = (options: ExecOptions, terminal: HandlerTerminal, ctx: ExecContext) => unknown;

/** A resource on which a plugin gives terminals and commands. */
export interface ExecHandler {
	/** The kind of resource: letters, digits, `.`, `_`, `-` and `:`. */
	readonly resource: string;
	/** The plugin whose resources they are. Default: this one. */
	readonly plugin?: string;
	/** One line for people. */
	readonly description?: string;
	/** Parts of a resource on which it works, for front ends. */
	readonly target?: ActionTarget;
	/** Command that is run where the caller names none. Default: nothing. */
	readonly defaultCommand?: readonly string[];
	/** Sessions on a terminal. */
	readonly tty?: TerminalHandler;
	/** Sessions with stdin, stdout and stderr, and no terminal. */
	readonly session?: TerminalHandler;
	/** Plain commands, without input. */
	readonly command?: (options: ExecOptions, ctx: ExecContext) => CommandResult | Promise<CommandResult>;
	/** Resizes by itself; without it the terminal is resized. It has 500 ms. */
	readonly resize?: (size: TerminalSize, options: ExecOptions) => unknown;
}
