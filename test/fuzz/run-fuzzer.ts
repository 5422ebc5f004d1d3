import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { FuzzReport } from './fuzz-program.ts';

/**
 * Fuzzes one target in a process of its own, so that a crash of native code or a hang is one of a child, and the memory is its own.
 *
 * @throws Error with the seed, and the input where it is known
 */
export async function runFuzzer(
	program: string,
	target: string,
	inputs: number,
	seed: number,
	timeoutMs: number,
): Promise<FuzzReport> {
	const child = spawn(process.execPath, ['--expose-gc', program, target, String(inputs), String(seed)], {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let stdout = '';
	let stderr = '';
	child.stdout.on('data', (text) => {
		stdout += text;
	});
	child.stderr.on('data', (text) => {
		stderr += text;
	});
	const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
	const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
	clearTimeout(timer);
	const told = stdout.trim();
	const repeat = `repeat it with: ${target} ${inputs} ${seed}`;
	if (!told) {
		throw new Error(
			`the fuzzer of ${target} ended with ${code ?? signal} (${repeat})\n${stderr.slice(-4000)}`,
		);
	}
	const report = JSON.parse(told) as FuzzReport & { hang?: string };
	if (report.hang !== undefined) throw new Error(`${target} hangs at ${report.hang} (${repeat})`);
	if (report.crash) {
		throw new Error(`${target} fails at ${report.crash.hex} (${repeat})\n${report.crash.error}`);
	}
	return report;
}
