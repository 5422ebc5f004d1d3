import { writeSync } from 'node:fs';
import { readCommands } from './command-list.ts';
import { completeWords } from './complete-words.ts';
import { formatCompletion } from './format-completion.ts';
import { knownPlugins } from './known-plugins.ts';
import { splitLine } from './split-line.ts';

/** Milliseconds after which a shell gets no answer rather than a late one. */
const deadlineMs = 2000;

/**
 * Answers a shell, a line for each candidate: the word, a tab, what it is. `:files` says that files are candidates too, `:nospace`
 * that what follows belongs to the same word. Nothing else is ever printed, whatever a plugin prints while it is read, and the exit code is 0.
 *
 * @param argv `bash WORDBREAKS LINE`, or `zsh WORD…`, or `fish WORD…`; without the name of the program, except in LINE
 * @param root the folder of this installation
 */
export async function answer(argv: readonly string[], root: string): Promise<void> {
	const end = setTimeout(() => process.exit(0), deadlineMs);
	process.stdout.write = process.stderr.write = () => true;
	let text = '';
	try {
		text = await answerText(argv, root);
	} catch {
		// An error would stand in the middle of what somebody types.
	}
	clearTimeout(end);
	try {
		writeSync(1, text);
	} catch {
		// The reader has gone.
	}
	process.exit(0);
}

async function answerText([shell, ...given]: readonly string[], root: string): Promise<string> {
	const line = shell === 'bash' ? splitLine(given[1] ?? '') : undefined;
	const words = line ? line.words.slice(1) : given;
	const completion = await completeWords(words.length === 0 ? [''] : words, readCommands(root), knownPlugins);
	return formatCompletion(completion, line ? bashWord(line.typed, given[0] ?? '') : (word) => word);
}

/** Bash wants what comes behind the last character at which it breaks words, and puts it into the line as it is. */
function bashWord(typed: string, breaks: string): (word: string) => string {
	const quoted = /["'\\]/.test(typed);
	const start = quoted
		? 0
		: Math.max(...['=', ':'].map((char) => (breaks.includes(char) ? typed.lastIndexOf(char) + 1 : 0)));
	return (word) => {
		const rest = word.slice(start);
		return quoted ? rest : rest.replace(/[^\w@%+=:,./-]/gu, '\\$&');
	};
}
