import { stripVTControlCharacters } from 'node:util';

/** Columns of the terminal that stdout is; without end for a file or a pipe, which a program reads. */
export function outputWidth(): number {
	return process.stdout.isTTY ? Math.max(20, process.stdout.columns || 80) : Number.POSITIVE_INFINITY;
}

/** East Asian characters and pictures take two columns. */
const wide =
	/[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/gu;

/** Columns that a text takes, without its colours. */
export function textWidth(text: string): number {
	const plain = stripVTControlCharacters(text).replace(/\p{M}/gu, '');
	return [...plain].length + (plain.match(wide)?.length ?? 0);
}

/** Breaks a text between words, and indents it. A word that is longer than a line stays whole. */
export function wrapText(text: string, width: number, indent: number): string {
	const margin = ' '.repeat(indent);
	return text
		.split('\n')
		.flatMap((line) => wrapLine(line, width - indent))
		.map((line) => (line === '' ? '' : margin + line))
		.join('\n');
}

function wrapLine(line: string, width: number): string[] {
	if (textWidth(line) <= width) return [line];
	const lines: string[] = [];
	let current = '';
	for (const word of line.split(' ')) {
		const longer = current === '' ? word : `${current} ${word}`;
		if (current !== '' && textWidth(longer) > width) {
			lines.push(current.trimEnd());
			current = word;
		} else current = longer;
	}
	lines.push(current.trimEnd());
	return lines;
}
