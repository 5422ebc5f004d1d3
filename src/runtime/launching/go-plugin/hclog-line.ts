import type { JsonObject } from '../../wire/json-value.ts';
import { setOwn } from '../../wire/set-own.ts';

/** A line of a Go plugin's stderr that belongs to its log. */
export interface HclogLine {
	readonly level: 'debug' | 'info' | 'warn' | 'error';
	readonly message: string;
	readonly fields?: JsonObject;
}

const levels: Readonly<Record<string, HclogLine['level']>> = {
	trace: 'debug',
	debug: 'debug',
	info: 'info',
	warn: 'warn',
	error: 'error',
};

/** Keys of hclog that say what the entry has anyway. */
const spentKeys = new Set(['@level', '@message', '@timestamp']);

/**
 * Reads what Go plugins write to stderr, line by line: hclog's JSON, lines that begin with a level in brackets, and what Go says
 * when it breaks down, with all that follows it.
 */
export class HclogReader {
	#broken = false;

	/** The line as one of a log; undefined for plain output. Never throws, whatever the line is. */
	read(line: string): HclogLine | undefined {
		if (/^(panic|fatal error): /.test(line)) this.#broken = true;
		if (this.#broken) return { level: 'error', message: line };
		if (line.startsWith('{')) return readJson(line);
		const [, name = '', message = ''] = /^\[([A-Z]+)\]\s*(.*)$/.exec(line) ?? [];
		const level = levels[name.toLowerCase()];
		return level && { level, message };
	}
}

function readJson(line: string): HclogLine | undefined {
	let entry: JsonObject;
	try {
		entry = JSON.parse(line);
	} catch {
		return undefined;
	}
	const { '@message': message, '@level': level } = entry;
	if (typeof message !== 'string') return undefined;
	const fields: JsonObject = {};
	for (const [key, value] of Object.entries(entry)) {
		if (!spentKeys.has(key)) setOwn(fields, key.replace(/^@/, ''), value);
	}
	const known = typeof level === 'string' ? levels[level.toLowerCase()] : undefined;
	return { level: known ?? 'info', message, ...(Object.keys(fields).length > 0 ? { fields } : {}) };
}
