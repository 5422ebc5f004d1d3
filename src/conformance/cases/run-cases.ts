import type { PluginClient } from '../../runtime/client/plugin-client.ts';
import { assertGoesOn } from '../assert-goes-on.ts';
import type { TestResult } from '../report/test-result.ts';
import { HeardEvents } from './heard-events.ts';
import { type CaseRun, type Outcome, runCase } from './run-case.ts';
import type { CasesFile, TestCase } from './test-case.ts';

/** Options of running the cases of a file. */
export interface CasesRun {
	readonly client: PluginClient;
	readonly signal?: AbortSignal | undefined;
	/** Milliseconds for each case that does not say. */
	readonly timeoutMs?: number | undefined;
	/** Called with each result as it comes. */
	readonly onResult?: ((result: TestResult) => void) | undefined;
	/** Called with the outcome of a case without an expectation. Default: such a case is skipped. */
	readonly onRecorded?: ((test: TestCase, outcome: Outcome) => void) | undefined;
}

/** Runs the cases of a file, one after the other, with one plugin. */
export async function runCases(file: CasesFile, run: CasesRun): Promise<TestResult[]> {
	const { client, signal, timeoutMs } = run;
	const tools = await client.listTools({ signal, timeoutMs });
	const streaming = new Set(tools.filter((tool) => tool.streaming).map(({ name }) => name));
	await using events = await HeardEvents.of(client);
	const caseRun: CaseRun = { client, signal, timeoutMs, events, streaming: (tool) => streaming.has(tool) };
	const results: TestResult[] = [];
	for (const test of file.cases) {
		assertGoesOn(signal);
		const result = await resultOf(test, file, caseRun, run.onRecorded);
		results.push(result);
		run.onResult?.(result);
	}
	return results;
}

async function resultOf(
	test: TestCase,
	file: CasesFile,
	run: CaseRun,
	onRecorded: CasesRun['onRecorded'],
): Promise<TestResult> {
	const base = { kind: 'case' as const, name: test.name, suite: file.shown };
	if (!test.expect && !onRecorded)
		return {
			...base,
			ms: 0,
			outcome: 'skipped',
			reason: 'it expects nothing yet: --record writes what comes',
		};
	const begin = performance.now();
	const { outcome, mismatch } = await runCase(test, run);
	const ms = Math.round(performance.now() - begin);
	if (!test.expect) {
		onRecorded?.(test, outcome);
		return { ...base, ms, outcome: 'passed' };
	}
	if (!mismatch) return { ...base, ms, outcome: 'passed' };
	return { ...base, ms, outcome: 'failed', ...mismatch, why: `${file.shown}:${test.line}` };
}
