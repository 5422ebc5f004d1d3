import { spawn } from 'node:child_process';
import { projectRoot } from '../support/run-cli.ts';

/** Runs a program to its end. */
export async function runProgram(
	command: string,
	args: readonly string[],
	options: { env?: Record<string, string>; cwd?: string; timeoutMs?: number } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
	const child = spawn(command, args, {
		cwd: options.cwd ?? projectRoot,
		env: { ...process.env, NO_COLOR: '1', ...options.env },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let stdout = '';
	let stderr = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		stdout += text;
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		stderr += text;
	});
	const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 60_000);
	const code = await new Promise<number | null>((resolve, reject) => {
		child.once('error', reject);
		child.once('close', resolve);
	});
	clearTimeout(timer);
	return { code, stdout, stderr };
}
