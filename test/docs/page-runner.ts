import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { projectRoot } from '../support/run-cli.ts';
import { runProgram } from '../toolchain/run-program.ts';
import { type CodeBlock, codeBlocks } from './code-blocks.ts';
import { StayingCommand } from './staying-command.ts';

export interface PageOptions {
	/** The folder in which both terminals stand at first. */
	readonly cwd: string;
	readonly env: Record<string, string>;
	/** Blocks that are noted as for another runtime are passed over. */
	readonly runtime: 'node' | 'deno';
	/** Changes every text of the page before it is used: ports that are free in the place of those that are usual. */
	readonly adapted: (text: string) => string;
}

/**
 * Does what a page tells its reader to do, with two terminals:
 *
 * - `sh` is run in the first; `exits 5` behind it is its exit code.
 * - `sh stays` is run in the second, where it ends what ran there before with Ctrl-C.
 * - `text` and `json` have to be what the command above has printed, `text on stderr` what it has printed there, `text second terminal` what the second terminal prints. `…` stands for the rest of a line,
 *   and on a line of its own for any lines; the numbers of `ms`, `s`, `kB` and `MB` may differ.
 * - `diff FILE` is a change to make; `yaml FILE`, `js FILE` and so on are a file to write.
 * - `sh by hand` and what begins with `npm ci` is left to the reader, and a program without a name is only shown.
 */
export class PageRunner implements AsyncDisposable {
	readonly #options: PageOptions;
	#cwd: string;
	#printed = { stdout: '', stderr: '' };
	#staying: StayingCommand | undefined;
	#last: 'first' | 'second' = 'first';

	constructor(options: PageOptions) {
		this.#options = options;
		this.#cwd = options.cwd;
	}

	async run(block: CodeBlock): Promise<void> {
		const { language, note } = block;
		// Here the checkout is installed already; its tests are what runs now.
		if (note === 'by hand' || block.text.startsWith('npm ci')) return;
		if ((note === 'node' || note === 'deno') && note !== this.#options.runtime) return;
		const text = this.#options.adapted(block.text);
		if (language === 'sh' && note === 'stays') await this.#stay(text);
		else if (language === 'sh') await this.#command(text, Number(/^exits (\d+)$/.exec(note)?.[1] ?? 0));
		else if (language === 'diff') this.#change(note, text);
		else if (/^\S+\.[a-z]+$/.test(note)) this.#write(note, text);
		else if (language === 'text' || language === 'json') await this.#expect(text, note);
		else if (language !== 'ts') throw new Error(`nothing is known to do with a block "${language} ${note}"`);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#staying?.interrupt();
	}

	async #stay(command: string): Promise<void> {
		await this.#staying?.interrupt();
		this.#staying = new StayingCommand(command, { cwd: this.#cwd, env: this.#options.env });
		this.#last = 'second';
	}

	async #command(text: string, exits: number): Promise<void> {
		const place = join(this.#options.env.HOME ?? this.#options.cwd, '.place');
		const script = `set -e\n${text}\npwd > '${place}'\n`;
		const { cwd, env } = { cwd: this.#cwd, env: this.#options.env };
		const { code, stdout, stderr } = await runProgram('sh', ['-c', script], { cwd, env, timeoutMs: 120_000 });
		if (code !== exits) throw new Error(`${text}\nexited with ${code}\n${stdout}\n${stderr}`);
		if (code === 0) this.#cwd = readFileSync(place, 'utf8').trimEnd();
		this.#printed = { stdout, stderr };
		this.#last = 'first';
	}

	async #expect(text: string, note: string): Promise<void> {
		const pattern = outputPattern(text);
		if (note === 'second terminal' || this.#last === 'second') await this.#staying?.until(pattern);
		else {
			const printed = this.#printed[note === 'on stderr' ? 'stderr' : 'stdout'];
			const whole = new RegExp(`^${pattern.source}\\n*$`);
			// On a busy machine a case says how long it took.
			if (!whole.test(printed) && !whole.test(printed.replaceAll(/ \d+ ms$/gm, '')))
				throw new Error(`the page says that this is printed:\n${text}\nand it is:\n${printed}`);
		}
	}

	#write(file: string, text: string): void {
		const path = join(this.#cwd, file);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, `${text}\n`);
	}

	#change(file: string, text: string): void {
		const path = join(this.#cwd, file);
		const lines = text.split('\n');
		const side = (mark: string) =>
			lines
				.filter((line) => line.startsWith(' ') || line.startsWith(mark))
				.map((line) => line.slice(1))
				.join('\n');
		const parts = readFileSync(path, 'utf8').split(side('-'));
		if (parts.length !== 2)
			throw new Error(`${file} has the lines of the change ${parts.length - 1} times, not once`);
		// As editors do that never leave half a file: the second terminal may read it at any time.
		writeFileSync(join(dirname(path), `.${basename(path)}`), parts.join(side('+')));
		renameSync(join(dirname(path), `.${basename(path)}`), path);
	}
}

/**
 * Runs all blocks of a page, each with the reader that its note begins with, or with the only one.
 *
 * @param readerOf the reader for the first word of a note, undefined where it names none; for an empty word the only reader of the page
 * @param languages blocks of others are passed over; default: there are none that may be
 * @throws Error that names the line of the block which is not so
 */
export async function runPage(
	path: string,
	readerOf: (word: string) => PageRunner | undefined,
): Promise<void> {
	for (const block of codeBlocks(readFileSync(join(projectRoot, path), 'utf8'))) {
		const [word = '', ...rest] = block.note.split(' ');
		const named = readerOf(word);
		try {
			const reader = named ?? readerOf('');
			if (!reader) throw new Error(`it does not say whose the block is: "${block.note}"`);
			await reader.run(named ? { ...block, note: rest.join(' ') } : block);
		} catch (error) {
			throw new Error(`${path}:${block.line}: ${(error as Error).message}`, { cause: error });
		}
	}
}

/** What a text of a page stands for. */
function outputPattern(text: string): RegExp {
	const lines = text.split('\n').map((line) => {
		if (line === '…') return '(?:.*\\n)*';
		const source = line
			.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
			.replaceAll('…', '.*')
			.replaceAll(/ +\d+(?:\\\.\d+)? (ms|s|kB|MB)\b/g, ' +[\\d.]+ $1');
		return `${source}\\n`;
	});
	return new RegExp(lines.join(''));
}
