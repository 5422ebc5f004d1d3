/** A line that a plugin logged or printed. */
export interface PluginLogLine {
	/** In milliseconds of Date.now(). */
	readonly time: number;
	/** The level of a log entry; `output` for what its process printed. */
	readonly level: 'debug' | 'info' | 'warn' | 'error' | 'output';
	readonly text: string;
}

/** Lines that are kept, and their characters in sum. */
const maxLines = 1000;
const maxCharacters = 256 * 1024;

/** The last lines of a plugin's log and output. */
export class PluginLog {
	readonly #lines: PluginLogLine[] = [];
	readonly #listeners = new Set<(line: PluginLogLine) => void>();
	#characters = 0;

	add(level: PluginLogLine['level'], text: string): void {
		const line = { time: Date.now(), level, text: text.slice(0, 16 * 1024) };
		this.#lines.push(line);
		this.#characters += line.text.length;
		while (this.#lines.length > maxLines || this.#characters > maxCharacters) {
			this.#characters -= this.#lines.shift()?.text.length ?? 0;
		}
		for (const listener of this.#listeners) listener(line);
	}

	/** The last lines, the oldest first. */
	tail(count: number): PluginLogLine[] {
		return count > 0 ? this.#lines.slice(-count) : [];
	}

	/** Calls back with each line from now on. Returns what ends it. */
	follow(listener: (line: PluginLogLine) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}
}
