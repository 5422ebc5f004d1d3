import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { denoArguments, denoCommand } from '../carriers/deno-command.ts';
import type { CaseReport } from './deno-runner.ts';
import { harnessNames } from './harness.ts';
import { sessionCases } from './session-cases.ts';

describe.each(harnessNames)('%s on Deno', (name) => {
	const reports = new Map<string, CaseReport>();
	let stderr = '';

	beforeAll(async () => {
		const { command, args } = denoCommand();
		const runner = fileURLToPath(new URL('./deno-runner.ts', import.meta.url));
		const child = spawn(command, [...args, ...denoArguments, runner, name], {
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		child.stderr.on('data', (text) => {
			stderr += text;
		});
		createInterface({ input: child.stdout }).on('line', (line) => {
			const report = JSON.parse(line) as CaseReport;
			reports.set(report.name, report);
		});
		await once(child, 'close');
	}, 180_000);

	for (const { name: caseName } of sessionCases) {
		test(caseName, () => {
			const report = reports.get(caseName);
			if (!report) expect.fail(`the runner never came to this case:\n${stderr}`);
			expect(report.error).toBeUndefined();
		});
	}
});
