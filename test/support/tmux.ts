import { spawnSync } from 'node:child_process';
import { patienceMs } from './patience.ts';
import { projectRoot } from './run-cli.ts';

let count = 0;

/** Whether a program is installed here. */
export function hasProgram(name: string): boolean {
	return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
}

/** A real terminal with a shell in it, as a person has it, held by tmux. */
export class TmuxTerminal implements Disposable {
	readonly #socket = `orchestra-test-${process.pid}-${count++}`;

	constructor({ columns = 80, rows = 24, env = {} as Record<string, string> } = {}) {
		const { CI: _ci, NO_COLOR: _noColor, TMUX: _tmux, ...rest } = process.env;
		const size = ['-x', `${columns}`, '-y', `${rows}`];
		const shell = { PS1: '$ ', ENV: '', LC_ALL: 'C.UTF-8' };
		spawnSync('tmux', ['-L', this.#socket, '-f', '/dev/null', 'new-session', '-d', ...size, 'sh'], {
			cwd: projectRoot,
			env: { ...rest, ...shell, ...env },
		});
	}

	/** Runs the executable in the shell; prints `code-N.` when it has ended. */
	orchestra(...words: string[]): void {
		this.line(`${process.execPath} bin/orchestra.js ${words.join(' ')}; echo code-$?.`);
	}

	/** Types a line. */
	line(text: string): void {
		this.#tmux('send-keys', '-l', text);
		this.keys('Enter');
	}

	/** Types keys, by tmux's names for them. */
	keys(...names: string[]): void {
		this.#tmux('send-keys', ...names);
	}

	resize(columns: number, rows: number): void {
		this.#tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`);
	}

	/** What is seen now. */
	text(): string {
		return this.#tmux('capture-pane', '-p');
	}

	/** What tmux knows of the terminal, by the name of a format: `alternate_on`, `mouse_any_flag`, `cursor_flag`. */
	state(name: string): string {
		return this.#tmux('display-message', '-p', `#{${name}}`).trim();
	}

	/** Waits until the screen shows something. */
	async until(pattern: RegExp, timeoutMs = patienceMs): Promise<string> {
		const deadline = Date.now() + timeoutMs;
		for (;;) {
			const text = this.text();
			if (pattern.test(text)) return text;
			if (Date.now() > deadline) throw new Error(`the screen never showed ${pattern}:\n${text}`);
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	}

	/** Waits until the terminal is as a shell has it: lines and echo, its own screen, a cursor, no mouse. */
	async untilRestored(): Promise<void> {
		this.line('clear; stty -a');
		await this.until(/[^-]icanon[\s\S]*[^-]echo\b/);
		const state = ['alternate_on', 'mouse_any_flag', 'cursor_flag'].map((name) => this.state(name));
		if (state.join() !== '0,0,1') throw new Error(`the terminal is left with ${state}:\n${this.text()}`);
	}

	[Symbol.dispose](): void {
		this.#tmux('kill-server');
	}

	#tmux(...words: string[]): string {
		return spawnSync('tmux', ['-L', this.#socket, ...words], { encoding: 'utf8' }).stdout;
	}
}
