import { join } from 'node:path';
import { type IPty, spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { Changes } from './changes.ts';
import { keepToTheEnd } from './keep-to-the-end.ts';
import { patienceMs } from './patience.ts';
import { projectRoot } from './run-cli.ts';
import { runtimeCommand } from './runtime-command.ts';

const executable = join(projectRoot, 'bin/orchestra.js');

export interface TerminalOptions {
	readonly columns?: number;
	readonly rows?: number;
	readonly cwd?: string;
	readonly env?: Record<string, string>;
	readonly runtime?: 'node' | 'deno';
}

/** The executable on a real terminal, and what a person would see there. */
export class TerminalScreen {
	readonly xterm: InstanceType<typeof xterm.Terminal>;
	readonly exited: Promise<{ code: number; signal: number | undefined }>;
	/** Everything that it wrote. */
	output = '';
	readonly #pty: IPty;
	#over = false;
	readonly #changes = new Changes();

	constructor(args: readonly string[], options: TerminalOptions = {}) {
		const { columns = 80, rows = 24, cwd = projectRoot, runtime = 'node' } = options;
		const env: Record<string, string | undefined> = { ...process.env, TZ: 'UTC', ...options.env };
		// A person's terminal: nothing that a test runner sets.
		for (const name of ['CI', 'NO_COLOR', 'FORCE_COLOR', 'VITEST', 'NODE_ENV']) {
			if (options.env?.[name] === undefined) delete env[name];
		}
		this.xterm = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 200 });
		this.#pty = spawn(...runtimeCommand(runtime, executable, ...args), {
			cols: columns,
			rows,
			name: 'xterm-256color',
			cwd,
			env,
		});
		const release = keepToTheEnd(this.#pty);
		const tell = () => this.#changes.tell();
		this.#pty.onData((data) => {
			this.output += data;
			this.xterm.write(data, tell);
		});
		this.exited = new Promise((resolve) => {
			this.#pty.onExit(({ exitCode, signal }) => {
				this.#over = true;
				release();
				// What it wrote last is parsed first.
				this.xterm.write('', () => {
					tell();
					resolve({ code: exitCode, signal });
				});
			});
		});
	}

	get pid(): number {
		return this.#pty.pid;
	}

	/** The lines that are seen now. */
	lines(): string[] {
		const { active } = this.xterm.buffer;
		return Array.from(
			{ length: this.xterm.rows },
			(_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? '',
		);
	}

	text(): string {
		return this.lines().join('\n');
	}

	/** Types. */
	type(keys: string): void {
		this.#pty.write(keys);
	}

	resize(columns: number, rows: number): void {
		this.xterm.resize(columns, rows);
		this.#pty.resize(columns, rows);
	}

	/** Ends it with a signal. */
	kill(signal: string): void {
		this.#pty.kill(signal);
	}

	/** Takes the terminal away from it, as closing a window does. */
	hangUp(): void {
		(this.#pty as unknown as { destroy(): void }).destroy();
	}

	/** Waits until the screen shows something. */
	async until(pattern: RegExp | ((text: string) => boolean), timeoutMs = patienceMs): Promise<string> {
		const fits = typeof pattern === 'function' ? pattern : (text: string) => pattern.test(text);
		return this.#changes.until(
			() => {
				const text = this.text();
				return fits(text) ? text : undefined;
			},
			() => this.#over,
			timeoutMs,
			() =>
				new Error(
					`the screen never showed ${pattern}:\n${this.text()}\n${this.#over ? '(it has ended)' : ''}`,
				),
		);
	}

	/** Ends it if it still runs. */
	async [Symbol.asyncDispose](): Promise<void> {
		if (!this.#over) this.#pty.kill('SIGKILL');
		await this.exited;
		this.xterm.dispose();
	}
}
