import type { LogEntry } from '../runtime/plugin/definition/log.ts';
import { logDocument, logLine } from '../runtime/plugin/definition/log-document.ts';
import { writeBounded } from '../runtime/plugin/process/bounded-stderr.ts';
import { describeFailure, readFailureLine } from './describe-failure.ts';
import { logsJson } from './log-format.ts';
import { errorStyle } from './style.ts';
import { visible, visibleLine } from './visible-text.ts';

const levels = ['debug', 'info', 'warn', 'error'];

const colours = {
	debug: errorStyle.dim,
	info: errorStyle.cyan,
	warn: errorStyle.yellow,
	error: errorStyle.red,
};

/** A line of a plugin's log, or one that its process printed. */
export interface ShownLine {
	/** Empty where it is not known. */
	readonly plugin: string;
	/** A level, or `output` for what a process printed. */
	readonly level: string;
	readonly text: string;
	/** In milliseconds of Date.now(). */
	readonly time: number;
}

/** Shows what plugins log and print, on stderr, with the plugin's name in front. */
export class PluginOutput {
	readonly #least: number;
	readonly #lines: boolean;
	readonly #verbose: boolean;
	readonly #asJson: boolean;
	#elsewhere: ((line: ShownLine) => void) | undefined;

	readonly #json: boolean;

	/**
	 * With `json` only what `verbose` asks for is shown: stderr then belongs to the error document. Where logs are to be JSON each line is a
	 * document, and is shown all the same.
	 */
	constructor(options: { json: boolean; verbose: boolean }) {
		this.#json = options.json;
		this.#asJson = logsJson();
		const quiet = options.json && !this.#asJson;
		this.#least = options.verbose ? 0 : quiet ? levels.length : levels.indexOf('info');
		this.#lines = options.verbose || !quiet;
		this.#verbose = options.verbose;
	}

	/** Hands everything to somebody else who shows it, whatever its level, and writes nothing; undefined ends that. */
	divert(elsewhere: ((line: ShownLine) => void) | undefined): void {
		this.#elsewhere = elsewhere;
	}

	/** Writes a warning of the command itself, whatever output was asked for. */
	warn(message: string): void {
		if (this.#json && !this.#asJson) writeDocument({ level: 'warn', plugin: '', message });
		else this.log({ level: 'warn', plugin: '', message });
	}

	/** A line of a plugin's log. */
	readonly log = (entry: LogEntry): void => {
		const failure = describeFailure(entry, this.#verbose);
		if (this.#elsewhere) {
			const { plugin = '', level, message, fields = {} } = entry;
			const more = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : '';
			const text = message + (failure === undefined ? more : `: ${failure}`);
			this.#elsewhere({ plugin, level, text, time: Date.now() });
			return;
		}
		if (levels.indexOf(entry.level) < this.#least) return;
		if (this.#asJson) {
			writeDocument(entry, failure);
			return;
		}
		const rest = failure === undefined ? errorStyle.dim(formatFields(entry.fields)) : `: ${failure}`;
		const from = entry.plugin ? `${errorStyle.dim(`[${visibleLine(entry.plugin)}]`)} ` : '';
		writeBounded(`${from}${colours[entry.level](entry.level)} ${visible(entry.message)}${rest}`);
	};

	/** A line that a plugin's process printed. */
	readonly line = (label: string, line: string): void => {
		if (this.#elsewhere) {
			this.#elsewhere({ plugin: label, level: 'output', text: line, time: Date.now() });
			return;
		}
		const failed = readFailureLine(line);
		const failure = failed && describeFailure(failed, this.#verbose);
		if (!this.#lines) return;
		if (this.#asJson) {
			if (failed) writeDocument({ ...failed, level: 'error', plugin: label, code: 'handler_error' }, failure);
			else writeDocument({ level: 'output', plugin: label, message: line });
			return;
		}
		const text =
			failure === undefined
				? visible(line)
				: `${colours.error('error')} ${visible(failed?.message ?? '')}: ${failure}`;
		writeBounded(`${errorStyle.dim(`[${visibleLine(label)}]`)} ${text}`);
	};
}

/** A line of JSON on stderr. @param failure what a handler threw, and where in its author's source */
function writeDocument(entry: Parameters<typeof logDocument>[0], failure?: string): void {
	const document = logDocument(entry);
	writeBounded(logLine(failure === undefined ? document : { ...document, failure }));
}

/** The fields of a log entry, for a person: the last output of a plugin line by line, everything else as JSON. */
function formatFields({ output, ...others }: LogEntry['fields'] = {}): string {
	const lines =
		Array.isArray(output) && output.every((line) => typeof line === 'string') ? output : undefined;
	const rest = lines ? others : { ...others, ...(output === undefined ? {} : { output }) };
	const fields = Object.keys(rest).length > 0 ? ` ${visible(JSON.stringify(rest))}` : '';
	return fields + (lines ?? []).map((line) => `\n    ${visibleLine(line)}`).join('');
}
