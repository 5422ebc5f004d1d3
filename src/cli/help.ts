import { Help } from '@oclif/core';
import { style } from './style.ts';
import { outputWidth, textWidth, wrapText } from './text-width.ts';

/** Commands for a newcomer to type, in this order. */
const examples = [
	['orchestra init weather', 'a small plugin that works'],
	['orchestra call . ', 'the tools of the plugin in this folder'],
	['orchestra call . forecast city=Oslo', 'call one of them'],
	['orchestra call . forecast --help', 'what it takes'],
	['orchestra serve .', 'serve it to other programs'],
	['orchestra build', 'one file that needs nothing else'],
] as const;

/** The help of the command framework, with examples and the certificates' commands on the first page. */
export default class OrchestraHelp extends Help {
	protected override async showRootHelp(): Promise<void> {
		await super.showRootHelp();
		const certs = this.config.commands
			.filter(({ id, hidden }) => id.startsWith('certs:') && !hidden)
			.sort((a, b) => (a.id < b.id ? -1 : 1))
			.map(({ id, summary = '' }) => [id.replace(':', ' '), summary] as const);
		this.log(`${section('CERTIFICATES', certs)}\n`);
		this.log(`${section('EXAMPLES', examples)}\n`);
		this.log(wrapText(more, Math.min(outputWidth(), 80), 0));
	}

	/** The framework breaks lists between words, but neither a summary nor an example. */
	protected override log(...texts: string[]): void {
		super.log(...texts.map((text) => text.split('\n').map(fitted).join('\n')));
	}
}

function fitted(line: string): string {
	const indent = line.length - line.trimStart().length;
	return textWidth(line) > outputWidth() ? wrapText(line.trimStart(), outputWidth(), indent) : line;
}

const more =
	'Exit codes: 0 done, 2 usage, 3 the plugin or file is invalid, 4 unreachable, 5 the tool failed, 6 too late, 130 interrupted. ' +
	'Each command: orchestra COMMAND --help. More: README.md and docs/ of the package orchestra-toolchain.';

function section(title: string, rows: ReadonlyArray<readonly [string, string]>): string {
	const indent = Math.max(...rows.map(([name]) => name.length)) + 4;
	const lines = rows.map(([name, text]) => {
		// Below the name where there is no room beside it.
		if (indent > outputWidth() / 2) return `  ${name}\n${style.dim(wrapText(text, outputWidth(), 6))}`;
		const wrapped = wrapText(text, Math.min(outputWidth(), 80), indent).trimStart();
		return `  ${name.padEnd(indent - 2)}${style.dim(wrapped)}`;
	});
	return [style.bold(title), ...lines].join('\n');
}
