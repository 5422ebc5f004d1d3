import { spawn } from 'node:child_process';

export interface ProgramResult {
	code: number | null;
	stdout: string;
	stderr: string;
}

/** Runs a program to its end, or kills it after `timeoutMs`. */
export function runProgram(
	command: string,
	args: readonly string[],
	options: { cwd: string; env?: Record<string, string>; timeoutMs?: number },
): Promise<ProgramResult> {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, {
			cwd: options.cwd,
			env: { ...process.env, NO_COLOR: '1', CI: '1', ...options.env },
			stdio: ['ignore', 'pipe', 'pipe'],
			timeout: options.timeoutMs ?? 60_000,
			killSignal: 'SIGKILL',
		});
		let stdout = '';
		let stderr = '';
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			stdout += text;
		});
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			stderr += text;
		});
		child.on('error', reject);
		child.on('close', (code) => resolve({ code, stdout, stderr }));
	});
}
