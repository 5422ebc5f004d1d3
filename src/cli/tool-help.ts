/** The flag by which `call TARGET TOOL --help` reaches the command: the framework answers --help itself, and knows no tools. */
export const toolHelpFlag = 'tool-help';

/** The words of a command line, in which help for a tool is asked of the command that knows it. */
export function withToolHelp(words: readonly string[]): string[] {
	const [command, target, tool] = words;
	const isTool = command === 'call' && isWord(target) && isWord(tool);
	if (!isTool) return [...words];
	const end = words.indexOf('--');
	return words.map((word, i) => (isHelp(word) && (end < 0 || i < end) ? `--${toolHelpFlag}` : word));
}

function isHelp(word: string): boolean {
	return word === '--help' || word === '-h';
}

function isWord(word: string | undefined): boolean {
	return word !== undefined && !word.startsWith('-');
}
