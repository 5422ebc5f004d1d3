import { readTraceParent } from '../../wire/trace-parent.ts';
import type { LogEntry, LogLevel } from './log.ts';

/** A line of a log as JSON: one shape, whoever writes it. Fields that say nothing are left out. */
export interface LogDocument {
	/** ISO 8601, in UTC. */
	readonly time: string;
	/** `output` is what a process printed. */
	readonly level: LogLevel | 'output';
	readonly message: string;
	/** The plugin's id, or `orchestrator`; left out where a command itself speaks. */
	readonly plugin?: string;
	readonly tool?: string;
	/** The stable code of an error. */
	readonly code?: string;
	readonly traceId?: string;
	readonly spanId?: string;
	readonly requestId?: string;
	readonly fields?: unknown;
	/** Error that a handler threw, and where in its author's own source; where a command writes the line. */
	readonly failure?: string;
}

const levels = new Set(['debug', 'info', 'warn', 'error']);

/** Beginning of a document of a log, so that other lines are told from it without being parsed. */
const beginning = '{"time":"';

/** An entry of a log as a document. @param time default: now */
export function logDocument(
	entry: Omit<LogEntry, 'level'> & { readonly level: LogDocument['level'] },
	time: string = entry.time ?? new Date().toISOString(),
): LogDocument {
	const { level, message, plugin, tool, code, requestId, traceParent, fields } = entry;
	const trace = traceParent ? readTraceParent(traceParent) : undefined;
	return {
		time,
		level,
		message,
		...(plugin ? { plugin } : {}),
		...(tool ? { tool } : {}),
		...(code ? { code } : {}),
		...(trace ? { traceId: trace.traceId, spanId: trace.spanId } : {}),
		...(requestId ? { requestId } : {}),
		...(fields && Object.keys(fields).length > 0 ? { fields } : {}),
	};
}

/** A document of a log as a line. What of its fields is no JSON is left out, and told. */
export function logLine(document: LogDocument): string {
	try {
		return JSON.stringify(document);
	} catch (error) {
		return JSON.stringify({ ...document, fields: { unreadable: String((error as Error).message) } });
	}
}

/** Reads a line that the process of a plugin wrote as a document; undefined for any other line. @param plugin whose process it is */
export function readLogLine(line: string, plugin: string): LogEntry | undefined {
	if (!line.startsWith(beginning)) return undefined;
	try {
		const read = JSON.parse(line) as Record<string, unknown>;
		const { level, message, time, fields } = read;
		if (typeof message !== 'string' || typeof level !== 'string' || !levels.has(level)) return undefined;
		const text = (name: string) => (typeof read[name] === 'string' ? (read[name] as string) : undefined);
		const [traceId, spanId] = [text('traceId'), text('spanId')];
		return {
			level: level as LogLevel,
			message,
			plugin,
			time: typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? time : undefined,
			tool: text('tool'),
			code: text('code'),
			requestId: text('requestId'),
			traceParent: traceId && spanId ? `00-${traceId}-${spanId}-00` : undefined,
			...(typeof fields === 'object' && fields !== null ? { fields: fields as LogEntry['fields'] } : {}),
		};
	} catch {
		return undefined;
	}
}
