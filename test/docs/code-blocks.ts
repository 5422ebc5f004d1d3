/** A fenced block of a Markdown page. */
export interface CodeBlock {
	readonly language: string;
	/** What stands behind the language, such as `exits 5`. Readers do not see it. */
	readonly note: string;
	readonly text: string;
	/** Where its first line stands, from 1. */
	readonly line: number;
}

/** The fenced blocks of a page, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
	const blocks: CodeBlock[] = [];
	let open: { language: string; note: string; line: number; lines: string[]; fence: string } | undefined;
	for (const [index, line] of markdown.split('\n').entries()) {
		if (open && line.trim() === open.fence) {
			const { language, note, line: first, lines } = open;
			blocks.push({ language, note, text: lines.join('\n'), line: first });
			open = undefined;
		} else if (open) {
			open.lines.push(line);
		} else {
			const [, fence, language = '', note = ''] = /^\s*(`{3,})(\S*)\s*(.*)$/.exec(line) ?? [];
			if (fence) open = { language, note, line: index + 2, lines: [], fence };
		}
	}
	return blocks;
}
