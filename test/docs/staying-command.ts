import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Changes } from '../support/changes.ts';
import { patienceMs } from '../support/patience.ts';

/** A command of a page in a terminal of its own, which runs until it is told to end. */
export class StayingCommand {
	readonly #command: string;
	readonly #child: ChildProcessWithoutNullStreams;
	readonly #changes = new Changes();
	readonly #exited: Promise<void>;
	#printed = '';
	#read = 0;
	#over = false;

	constructor(command: string, options: { cwd: string; env: Record<string, string> }) {
		this.#command = command;
		this.#child = spawn('sh', ['-c', `exec ${command}`], {
			cwd: options.cwd,
			env: { ...process.env, NO_COLOR: '1', CI: '1', ...options.env },
		});
		for (const output of [this.#child.stdout, this.#child.stderr]) {
			output.setEncoding('utf8').on('data', (text: string) => {
				this.#printed += text;
				this.#changes.tell();
			});
		}
		this.#exited = new Promise((resolve) => {
			this.#child.on('close', () => {
				this.#over = true;
				this.#changes.tell();
				resolve();
			});
		});
	}

	/** Waits for lines that it has not printed before the last call. */
	async until(pattern: RegExp): Promise<void> {
		await this.#changes.until(
			() => {
				const found = pattern.exec(this.#printed.slice(this.#read));
				if (found) this.#read += found.index + found[0].length;
				return found ?? undefined;
			},
			() => this.#over,
			patienceMs,
			() => new Error(`${this.#command}\nnever printed ${pattern}, but\n${this.#printed}`),
		);
	}

	/** Ends it as Ctrl-C does; what does not end is killed. */
	async interrupt(): Promise<void> {
		if (this.#over) return;
		this.#child.kill('SIGINT');
		const timer = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
		await this.#exited;
		clearTimeout(timer);
	}
}
