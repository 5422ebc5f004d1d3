import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pluginEnvironment } from '../../runtime/launching/plugin-environment.ts';
import { parseReadyLine } from '../../runtime/launching/ready-line.ts';
import { settlesWithin } from '../../runtime/platform/settles-within.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** Command line and settings of a lone process. */
export interface LoneCommand {
	readonly command: string;
	readonly args: readonly string[];
	readonly cwd?: string | undefined;
	readonly certsDir: string;
	readonly carrier: 'quic' | 'tcp';
	readonly inheritEnv?: true | readonly string[] | undefined;
	/** Milliseconds until it is ready. */
	readonly timeoutMs: number;
}

/**
 * A plugin's process that nobody tidies up after: a host of ours would end what it leaves behind before anybody could see it. Whoever
 * gets it disposes it, which ends its whole group.
 */
export class LoneProcess implements AsyncDisposable {
	readonly pid: number;
	/** Settles when it has ended. */
	readonly exited: Promise<unknown>;
	readonly #child: ChildProcess;

	private constructor(child: ChildProcess, pid: number) {
		this.#child = child;
		this.pid = pid;
		this.exited = new Promise((resolve) => child.once('exit', resolve));
	}

	/** Starts it and waits until it says that it is ready. @throws OrchestraError `start_failed` */
	static async start({
		command,
		args,
		cwd,
		certsDir,
		carrier,
		inheritEnv,
		timeoutMs,
	}: LoneCommand): Promise<LoneProcess> {
		const flags = ['--listen-addr=localhost:0', `--certs-dir=${certsDir}`];
		const child = spawn(command, [...args, ...flags], {
			cwd,
			env: pluginEnvironment({ carrier, inheritEnv }),
			detached: true,
			stdio: ['pipe', 'ignore', 'pipe'],
		});
		// A signal or a text that could not be delivered: it had ended.
		child.on('error', () => {});
		child.stdin.on('error', () => {});
		if (child.pid === undefined) throw new OrchestraError('start_failed', `${command} cannot be run`);
		const lone = new LoneProcess(child, child.pid);
		const lines = createInterface(child.stderr);
		const ready = new Promise<void>((resolve) => {
			lines.on('line', (line) => {
				if (/^READY\b/.test(line) && parseReadyLine(line)) resolve();
			});
		});
		if (await settlesWithin(Promise.race([ready, lone.exited]), timeoutMs)) {
			if (child.exitCode === null && child.signalCode === null) return lone;
		}
		await lone[Symbol.asyncDispose]();
		throw new OrchestraError('start_failed', `${command} was not ready within ${timeoutMs} ms`);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		try {
			process.kill(-this.pid, 'SIGKILL');
		} catch {
			// The group has no process left.
		}
		await this.exited;
		this.#child.stdin?.destroy();
		this.#child.stderr?.destroy();
	}
}
