import type { LogEntry } from '../definition/log.ts';
import { logDocument, logLine } from '../definition/log-document.ts';
import { writeBounded } from './bounded-stderr.ts';

/** Writes a line of the process contract to stderr: however much of the log waits before it, the host waits for this. */
export function writeContractLine(line: string): void {
	process.stderr.write(`${line}\n`);
}

/** Writes an entry of the log to stderr, as one line: level, tool, message, fields as JSON; or as a document, where that is asked for. */
export function writeLogEntry(entry: LogEntry): void {
	if (process.env.ORCHESTRA_LOG_FORMAT === 'json') {
		writeBounded(logLine(logDocument(entry)));
		return;
	}
	const fields = entry.fields && Object.keys(entry.fields).length > 0 ? ` ${fieldsText(entry)}` : '';
	const tool = entry.tool ? `${entry.tool}: ` : '';
	const text = `${tool}${entry.message}`.replaceAll('\n', '\\n').replaceAll('\r', '\\r');
	writeBounded(`${entry.level.toUpperCase().padEnd(5)} ${text}${fields}`);
}

function fieldsText(entry: LogEntry): string {
	try {
		return JSON.stringify(entry.fields);
	} catch (error) {
		return `(its fields are no JSON: ${error instanceof Error ? error.message : String(error)})`;
	}
}

/** Waits until what was written has gone, at most `ms`. */
export async function flushLog(ms = 500): Promise<void> {
	const endsAt = Date.now() + ms;
	while (process.stderr.writableLength > 0 && Date.now() < endsAt) {
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}
