import { spawn } from 'node:child_process';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';

/** Milliseconds that npm or git may take. */
const toolTimeoutMs = 10 * 60_000;

/** Milliseconds from SIGTERM to SIGKILL. */
const graceMs = 2_000;

/** Characters of output that are kept. */
const maxOutput = 64 * 1024;

/** Options of running npm or git. */
export interface ToolOptions {
	readonly cwd: string;
	/** Package that it is to bring, for messages: "the package weather@1". */
	readonly what: string;
	readonly env?: Record<string, string>;
	readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the user's own npm or git, with the user's settings, and returns what it printed to stdout. It has no input: what it asks for, it
 * asks on the terminal.
 *
 * @throws OrchestraError `fetch_failed` with the line that tells most; `cancelled` when the signal aborts
 */
export async function runTool(
	tool: 'npm' | 'git',
	args: readonly string[],
	options: ToolOptions,
): Promise<string> {
	const child = spawn(tool, args, {
		cwd: options.cwd,
		env: { ...process.env, ...options.env },
		// npm is a .cmd file on Windows, which only a shell starts. A source holds nothing that a shell takes for more than text.
		shell: tool === 'npm' && process.platform === 'win32',
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let stdout = '';
	let stderr = '';
	let timedOut = false;
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		stdout = (stdout + text).slice(-maxOutput);
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		stderr = (stderr + text).slice(-maxOutput);
	});
	let killer: NodeJS.Timeout | undefined;
	const stop = () => {
		child.kill('SIGTERM');
		killer ??= setTimeout(() => child.kill('SIGKILL'), graceMs);
	};
	const kill = () => child.kill('SIGKILL');
	const timer = setTimeout(() => {
		timedOut = true;
		stop();
	}, toolTimeoutMs);
	options.signal?.addEventListener('abort', stop);
	if (options.signal?.aborted) stop();
	process.once('exit', kill);
	try {
		const status = await new Promise<number | string>((resolve, reject) => {
			child.once('error', reject);
			child.once('close', (code, signal) => resolve(code ?? `${signal}`));
		});
		if (options.signal?.aborted) throw new OrchestraError('cancelled', 'nothing was installed');
		if (status === 0) return stdout;
		const why = timedOut
			? `did not bring ${options.what} within ${toolTimeoutMs / 60_000} minutes`
			: `could not bring ${options.what}: ${faultIn(stderr || stdout) ?? `it ended with ${status}`}`;
		throw new OrchestraError('fetch_failed', `${tool} ${why}`, {
			hint: `Does the same work with ${tool} itself? Its settings are yours.`,
			details: { tool, output: stderr.slice(-4096) },
		});
	} catch (error) {
		if (error instanceof OrchestraError) throw error;
		const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
		const why = missing ? 'was not found' : `cannot be run: ${(error as Error).message}`;
		throw new OrchestraError('fetch_failed', `${tool} ${why}, and it is what brings ${options.what}`, {
			hint: `Install ${tool}, or install the plugin from a folder or a .tgz.`,
			cause: error,
		});
	} finally {
		clearTimeout(timer);
		clearTimeout(killer);
		options.signal?.removeEventListener('abort', stop);
		process.off('exit', kill);
	}
}

/** The line of npm's or git's output that tells most. */
function faultIn(output: string): string | undefined {
	const lines = output.split(/[\r\n]+/).map((line) => line.trim());
	const npm = lines
		.filter((line) => /^npm (error|ERR!)/.test(line))
		.map((line) => line.replace(/^npm (error|ERR!)\s*/, ''))
		.filter((line) => line !== '' && !/^(code|errno|syscall|path|A complete log)\b/.test(line));
	const git = lines.filter((line) => /^(fatal|error|remote):/.test(line));
	const line = npm[0] ?? git.at(-1) ?? lines.filter((text) => text !== '').at(-1);
	return line?.slice(0, 500);
}
