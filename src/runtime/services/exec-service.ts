import type { JsonObject } from '../wire/json-value.ts';
import { bidirectional, defineService, unary } from './service-definition.ts';

/** Parts of a resource on which a terminal can be opened, as data. */
export interface ActionTarget {
	readonly label: string;
	readonly labelSelector: string;
	readonly paths: readonly string[];
	readonly selectors: Readonly<Record<string, string>>;
}

/** A kind of resource that sessions can be opened on. */
export interface ExecResource {
	readonly plugin: string;
	readonly resource: string;
	readonly description: string;
	readonly defaultCommand: readonly string[];
	/** Its abilities: terminals, sessions without one, plain commands. */
	readonly tty: boolean;
	readonly session: boolean;
	readonly command: boolean;
	readonly handlesResize: boolean;
	readonly target?: ActionTarget;
}

/** Options of opening a session. */
export interface SessionInput {
	/** 1 to 64 letters, digits, `.`, `_` or `-`. Default: a UUID. */
	readonly id?: string;
	/** Default: that of the handler. */
	readonly command?: readonly string[];
	/** Default true. */
	readonly tty?: boolean;
	readonly params?: Readonly<Record<string, string>>;
	readonly labels?: Readonly<Record<string, string>>;
	/** The plugin of the resource. Default: the one that is asked. */
	readonly plugin?: string;
	/** The kind of resource. Default: the only one, where there is one. */
	readonly resource?: string;
	readonly resourceKey?: string;
	readonly resourceData?: JsonObject;
	/** Default 27 and 72. */
	readonly rows?: number;
	readonly cols?: number;
	/** Further certificates that may watch it (`read`) or use it (`write`), by name. */
	readonly share?: Readonly<Record<string, 'read' | 'write'>>;
}

/** A session as it stands: a copy. */
export interface ExecSessionInfo {
	readonly id: string;
	readonly command: readonly string[];
	readonly labels: Readonly<Record<string, string>>;
	readonly params: Readonly<Record<string, string>>;
	readonly plugin: string;
	readonly resource: string;
	readonly resourceKey: string;
	readonly tty: boolean;
	readonly owner: string;
	readonly attached: boolean;
	readonly viewers: number;
	readonly rows: number;
	readonly cols: number;
	/** Bytes that it has put out. */
	readonly outputBytes: number;
	/** Time as ISO 8601. */
	readonly createdAt: string;
}

/** Reason for the failure of a session, in parts that a front end can show. */
export interface StreamError {
	readonly title: string;
	readonly message: string;
	readonly suggestion: string;
	readonly retryable: boolean;
	readonly retryCommands?: readonly string[];
}

/** Message of a client over its stream. `viewer` is a number of its choice, for one attachment. */
export type ExecInput =
	/** Attaches: `from` is the place in the output to go on at; without it, all that is kept comes first. */
	| {
			readonly op: 'attach';
			readonly viewer: number;
			readonly session: string;
			readonly readOnly?: boolean;
			readonly from?: number;
	  }
	/** Opens a session and attaches, so that nothing of its output is missed. */
	| { readonly op: 'open'; readonly viewer: number; readonly open: SessionInput }
	| { readonly op: 'detach'; readonly viewer: number }
	/** Input, as base64; what waits to be `accepted` may be 256 KiB. */
	| { readonly op: 'data'; readonly viewer: number; readonly data: string }
	/** The end of the input, where there is no terminal. */
	| { readonly op: 'end'; readonly viewer: number }
	/** The viewer has taken so many bytes of output: as many more may come. */
	| { readonly op: 'credit'; readonly viewer: number; readonly bytes: number };

/** Message for a client over its stream. */
export type ExecOutput =
	| { readonly event: 'ready' }
	/** `offset` is the place of the first byte that comes; the first `replay` bytes are old. */
	| {
			readonly event: 'attached';
			readonly viewer: number;
			readonly session: ExecSessionInfo;
			readonly offset: number;
			readonly replay: number;
	  }
	| { readonly event: 'refused'; readonly viewer: number; readonly error: RefusedAttachment }
	/** Output, as base64. `missed` bytes before it are not kept any more. */
	| {
			readonly event: 'data';
			readonly viewer: number;
			readonly target: 'stdout' | 'stderr';
			readonly data: string;
			readonly offset: number;
			readonly missed?: number;
	  }
	/** The program has taken so many bytes of input. */
	| { readonly event: 'accepted'; readonly viewer: number; readonly bytes: number }
	/** `signal` is `ERROR`; a `close` follows. */
	| { readonly event: 'error'; readonly viewer: number; readonly text: string; readonly error: StreamError }
	/** The session has ended, and nothing of it follows. */
	| {
			readonly event: 'close';
			readonly viewer: number;
			readonly text: string;
			readonly code: number | null;
			readonly signal: string | null;
	  }
	| { readonly event: 'detached'; readonly viewer: number; readonly reason: string };

/** Reason for the refusal of an attachment. */
export interface RefusedAttachment {
	readonly code: string;
	readonly message: string;
	readonly hint?: string;
	readonly details?: JsonObject;
}

/**
 * The terminal sessions of a plugin. A session belongs to whoever opened it, by certificate; others see it where it is shared with
 * them. It outlives the call and the connection that opened it. Errors: `session_not_found`, `session_exists`, `session_closed`,
 * `handler_not_found`, `terminal_error`, `invalid_arguments`, `overloaded`.
 */
export const execService = defineService('orchestra.exec', 1, {
	resources: unary<JsonObject, { resources: readonly ExecResource[] }>(),
	list: unary<JsonObject, { sessions: readonly ExecSessionInfo[] }>(),
	get: unary<{ session: string }, ExecSessionInfo>(),
	create: unary<SessionInput, ExecSessionInfo>(),
	/** Detaches every viewer; the session goes on. */
	detach: unary<{ session: string }, { detached: number }>(),
	/** Resolves when the session has ended, at most 10 s later. */
	close: unary<{ session: string }, JsonObject>(),
	resize: unary<{ session: string; rows: number; cols: number }, JsonObject>(),
	/** To the process group in the foreground; false where no program runs. */
	signal: unary<{ session: string; signal: string | number }, { delivered: boolean }>(),
	/** Output that is kept, as base64. */
	logs: unary<{ session: string }, { stdout: string; stderr: string; missed: number }>(),
	/** All sessions of a client, over one exchange. */
	stream: bidirectional<JsonObject, ExecInput, ExecOutput>(),
});
