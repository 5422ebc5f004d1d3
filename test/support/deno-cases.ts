import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import type { CaseReport } from './case-report.ts';
import { runtimeCommand } from './runtime-command.ts';

/**
 * Registers a test for each case of a suite that runs on Deno, in one process without a test framework.
 *
 * @param runner runs the suite's cases, and prints a {@link CaseReport} for each
 * @param harness what the runner is told to run them with
 */
export function testOnDeno(runner: URL, harness: string, cases: readonly { readonly name: string }[]): void {
	const reports = new Map<string, CaseReport>();
	let stderr = '';

	beforeAll(async () => {
		const child = spawn(...runtimeCommand('deno', fileURLToPath(runner), harness), {
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
	}, 900_000);

	for (const { name } of cases) {
		test(name, (context) => {
			const report = reports.get(name);
			if (!report) expect.fail(`the runner never came to this case:\n${stderr}`);
			if (report.skipped) context.skip(report.skipped);
			expect(report.error).toBeUndefined();
		});
	}
}
