import type { LogEntry } from '../runtime/plugin/definition/log.ts';
import { errorStyle } from './style.ts';

const levels = ['debug', 'info', 'warn', 'error'];

const colours = {
	debug: errorStyle.dim,
	info: errorStyle.cyan,
	warn: errorStyle.yellow,
	error: errorStyle.red,
};

/** Shows what plugins log and print, on stderr, with the plugin's name in front. */
export class PluginOutput {
	readonly #least: number;
	readonly #lines: boolean;

	/** With `json` only what `verbose` asks for is shown: stderr then belongs to the error document. */
	constructor(options: { json: boolean; verbose: boolean }) {
		this.#least = options.verbose ? 0 : options.json ? levels.length : levels.indexOf('info');
		this.#lines = options.verbose || !options.json;
	}

	/** A line of a plugin's log. */
	readonly log = (entry: LogEntry): void => {
		if (levels.indexOf(entry.level) < this.#least) return;
		const fields =
			entry.fields && Object.keys(entry.fields).length > 0 ? ` ${JSON.stringify(entry.fields)}` : '';
		const from = entry.plugin ? `${errorStyle.dim(`[${entry.plugin}]`)} ` : '';
		process.stderr.write(
			`${from}${colours[entry.level](entry.level)} ${entry.message}${errorStyle.dim(fields)}\n`,
		);
	};

	/** A line that a plugin's process printed. */
	readonly line = (label: string, line: string): void => {
		if (this.#lines) process.stderr.write(`${errorStyle.dim(`[${label}]`)} ${line}\n`);
	};
}
