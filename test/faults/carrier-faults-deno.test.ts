import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { denoArguments } from '../carriers/deno-command.ts';
import { denoExecutable } from '../support/deno.ts';
import { carrierFaults } from './carrier-faults.ts';

const runner = fileURLToPath(new URL('./deno-runner.ts', import.meta.url));

describe.each(['tcp', 'quic'] as const)('on Deno: %s', (carrier) => {
	/** By name: the error of a case, undefined where there was none. */
	const reports = new Map<string, string | undefined>();
	let stderr = '';

	beforeAll(async () => {
		const child = spawn(denoExecutable(), [...denoArguments, runner, carrier], {
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		child.stderr.on('data', (text) => {
			stderr += text;
		});
		createInterface({ input: child.stdout }).on('line', (line) => {
			const { name, error } = JSON.parse(line) as { name: string; error?: string };
			reports.set(name, error);
		});
		await once(child, 'close');
	}, 180_000);

	for (const { name, carriers } of carrierFaults) {
		if (!carriers.includes(carrier)) continue;
		test(name, () => {
			if (!reports.has(name)) expect.fail(`the runner never came to this case:\n${stderr}`);
			expect(reports.get(name)).toBeUndefined();
		});
	}
});
