import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Address, parseAddress } from '../../../src/runtime/carrier/address.ts';
import { patienceMs } from '../../support/patience.ts';
import { runtimeCommand } from '../../support/runtime-command.ts';

const fixtures = new URL('../fixtures/', import.meta.url);

/** How the fixture is started. */
export interface StartOptions {
	/** Default `process-plugin.mjs`. */
	readonly fixture?: string;
	readonly args?: readonly string[];
	readonly env?: Record<string, string>;
	readonly runtime?: 'node' | 'deno';
}

/** The process of the fixture plugin. */
export class PluginProcess implements AsyncDisposable {
	readonly child: ChildProcess;
	stdout = '';
	stderr = '';
	readonly #exited: Promise<number | string | null>;
	#lookAgain: () => void = () => {};
	#over = false;

	constructor(options: StartOptions = {}) {
		const { args = [], env = {}, runtime = 'node', fixture = 'process-plugin.mjs' } = options;
		const program = fileURLToPath(new URL(fixture, fixtures));
		this.child = spawn(...runtimeCommand(runtime, program, ...args), {
			env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
			stdio: ['pipe', 'pipe', 'pipe'],
		});
		this.child.stdout?.on('data', (data) => {
			this.stdout += data;
		});
		this.child.stderr?.on('data', (data) => {
			this.stderr += data;
			this.#lookAgain();
		});
		this.#exited = new Promise((resolve) => {
			// 'close', not 'exit': what holds the other end of its output has ended too then.
			this.child.on('close', (code, signal) => {
				this.#over = true;
				resolve(code ?? signal);
				this.#lookAgain();
			});
		});
	}

	/** The exit code, or the signal that ended it. Fails after `timeoutMs`. */
	async exit(timeoutMs = patienceMs): Promise<number | string | null> {
		let timer: ReturnType<typeof setTimeout> | undefined;
		const late = new Promise<never>((_, reject) => {
			timer = setTimeout(() => reject(new Error(`it still runs; it said:\n${this.stderr}`)), timeoutMs);
		});
		try {
			return await Promise.race([this.#exited, late]);
		} finally {
			clearTimeout(timer);
		}
	}

	/** What follows the first match on stderr. */
	async says(pattern: RegExp, timeoutMs = patienceMs): Promise<string> {
		const endsAt = Date.now() + timeoutMs;
		for (;;) {
			const found = pattern.exec(this.stderr);
			if (found) return found[1] ?? '';
			if (this.#over || Date.now() > endsAt) {
				throw new Error(`it never said ${pattern} but:\n${this.stderr}`);
			}
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, 1000);
				this.#lookAgain = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
	}

	async address(): Promise<Address> {
		return parseAddress(await this.says(/^READY (\S+)\n/m));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.child.kill('SIGKILL');
		await this.#exited;
	}
}
