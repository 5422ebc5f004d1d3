import { type ExitStatus, formatExit } from '../runtime/platform/exit-status.ts';
import { settlesWithin } from '../runtime/platform/settles-within.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { assertGoesOn } from './assert-goes-on.ts';
import { broken, type Check, type Finding, notMade, type Profile } from './check.ts';
import type { TestResult } from './report/test-result.ts';
import type { Instance, Subject } from './subject/subject.ts';

/** Milliseconds in which the system reports the end of a process whose connection broke. */
const exitNoticeMs = 1_000;

/** The checks to make, and their options. */
export interface CheckRun {
	readonly profile: Profile;
	/** Whether handlers of the plugin may run. */
	readonly calls: boolean;
	readonly signal?: AbortSignal | undefined;
	/** Called with each result as it comes. */
	readonly onResult?: ((result: TestResult) => void) | undefined;
}

/** Makes the checks of a profile, one after the other. Never rejects, but for an aborted signal. */
export async function runChecks(
	subject: Subject,
	checks: readonly Check[],
	run: CheckRun,
): Promise<TestResult[]> {
	const results: TestResult[] = [];
	// Without a check that tells why it did not start, each of the others does.
	const tellsStart = checks.some(({ name }) => startNames.has(name));
	for (const check of checks) {
		if (check.profile === 'full' && run.profile === 'core') continue;
		assertGoesOn(run.signal);
		const begin = performance.now();
		const finding = await findingOf(subject, check, run, tellsStart);
		const result = resultOf(
			check,
			finding,
			performance.now() - begin,
			speaksCore(subject, await running(subject)),
		);
		results.push(result);
		run.onResult?.(result);
	}
	return results;
}

async function findingOf(
	subject: Subject,
	check: Check,
	run: CheckRun,
	tellsStart: boolean,
): Promise<Finding> {
	if (check.needs === 'process' && !subject.starts) return notMade('it is not started here');
	if (check.needs === 'calls' && !run.calls) return notMade('no handler may run');
	const before = await running(subject);
	if (!before && subject.startFailure !== undefined && !startNames.has(check.name)) {
		if (tellsStart) return notMade('it did not start');
		return broken('that it starts', OrchestraError.from(subject.startFailure, 'start_failed').message);
	}
	let finding: Finding;
	try {
		finding = await check.run(subject);
	} catch (error) {
		const { code, message } = OrchestraError.from(error, 'internal');
		finding = broken('an answer', `${code}: ${message}`);
	}
	const exit = before && (await endOf(before));
	if (!exit) return finding;
	return broken('that the process outlives this', `it ended (${formatExit(exit)})`);
}

/** The checks that tell why a plugin did not start. */
const startNames = new Set(['ready-line', 'certificate', 'identity', 'boots', 'manifest-flag']);

function running(subject: Subject): Promise<Instance | undefined> {
	return subject.instance().catch(() => undefined);
}

/** Exit status of an instance's process, where it has ended by now. */
async function endOf({ process, connection }: Instance): Promise<ExitStatus | undefined> {
	if (!process) return undefined;
	// The connection may notice first.
	const ended = await settlesWithin(process.exited, connection.open ? 0 : exitNoticeMs);
	return ended ? process.exited : undefined;
}

/** Whether it speaks the core protocol only, as plugins of the Go SDK do. */
function speaksCore(subject: Subject, instance: Instance | undefined): boolean {
	if (subject.startFailure !== undefined) return false;
	return instance?.description === undefined;
}

function resultOf(check: Check, finding: Finding, ms: number, core: boolean): TestResult {
	const base = {
		kind: 'check' as const,
		name: `${check.number} ${check.name}`,
		suite: 'conformance',
		ms: Math.round(ms),
	};
	if (!finding) return { ...base, outcome: 'passed' };
	if ('skipped' in finding) return { ...base, outcome: 'skipped', reason: finding.skipped };
	return {
		...base,
		outcome: 'failed',
		...finding,
		why: check.why,
		...(check.goSdk && core ? { known: check.goSdk } : {}),
	};
}
