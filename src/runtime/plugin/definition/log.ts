import type { JsonObject } from '../../wire/json-value.ts';

/** Severity of a line of a log. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A line of a plugin's log. */
export interface LogEntry {
	readonly level: LogLevel;
	readonly message: string;
	readonly fields?: JsonObject | undefined;
	/** The plugin's id. */
	readonly plugin: string;
	/** The tool whose call the line belongs to. */
	readonly tool?: string | undefined;
	readonly requestId?: string | undefined;
	readonly traceParent?: string | undefined;
	/** The code of the error that it tells of, where it tells of one. */
	readonly code?: string | undefined;
	/** When it was written, as ISO 8601, where another process wrote it. Default: now. */
	readonly time?: string | undefined;
}

/** Log of handlers. `fields` are facts for programs. */
export interface Log {
	debug(message: string, fields?: JsonObject): void;
	info(message: string, fields?: JsonObject): void;
	warn(message: string, fields?: JsonObject): void;
	error(message: string, fields?: JsonObject): void;
}

/** Origin of a line. */
export type LogOrigin = Pick<LogEntry, 'plugin' | 'tool' | 'requestId' | 'traceParent'>;

/** A log whose lines carry where they come from. Its methods need no `this`. */
export function createLog(write: (entry: LogEntry) => void, origin: LogOrigin): Log {
	const at = (level: LogLevel) => (message: string, fields?: JsonObject) =>
		write({ level, message, fields, ...origin });
	return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
