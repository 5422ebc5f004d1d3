/** A command line as far as the cursor, taken apart as a POSIX shell does it. */
export interface SplitLine {
	/** The words, without quotes; the last one is the one at the cursor, and may be empty. */
	readonly words: readonly string[];
	/** The last word as it was typed. */
	readonly typed: string;
}

/** Splits a line that somebody is still typing: a quote at its end may be open. Nothing in it is expanded. */
export function splitLine(line: string): SplitLine {
	const words: string[] = [];
	let word = '';
	let start = 0;
	let quote = '';
	for (let at = 0; at < line.length; at++) {
		const char = line[at] ?? '';
		if (quote === '' && /\s/.test(char)) {
			if (at > start) words.push(word);
			word = '';
			start = at + 1;
		} else if (quote === '' && (char === "'" || char === '"')) {
			quote = char;
		} else if (char === quote) {
			quote = '';
		} else if (char === '\\' && quote !== "'") {
			at++;
			word += line[at] ?? '';
		} else {
			word += char;
		}
	}
	return { words: [...words, word], typed: line.slice(start) };
}
