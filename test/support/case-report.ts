import { within } from '../carriers/within.ts';

/** What a process that runs cases says of one, as a line of JSON on stdout. */
export interface CaseReport {
	readonly name: string;
	readonly skipped?: string;
	readonly error?: string;
}

/**
 * Waits for a case to end.
 *
 * @param after looks at what it has left, where that can fail it too; asked of a case that passed
 */
export function reportOf(
	name: string,
	run: Promise<void>,
	after: () => Promise<void> = async () => {},
): Promise<CaseReport> {
	return within(run, 'the case ends', 150_000)
		.then(after)
		.then(
			() => ({ name }),
			(error: Error) => ({ name, error: error.stack ?? String(error) }),
		);
}

export function printReport(report: CaseReport): void {
	process.stdout.write(`${JSON.stringify(report)}\n`);
}

/** What cases run against: a place for plugins, cleaned after each case. */
interface CaseHarness {
	endCase(): Promise<unknown>;
	close(): Promise<unknown>;
}

/** Runs the cases whose name contains `part`, one after another, prints a report of each, and ends the process. */
export async function runCases<H extends CaseHarness>(
	cases: readonly { readonly name: string; run(harness: H): Promise<void> }[],
	harness: H,
	part: string,
): Promise<never> {
	for (const { name, run } of cases) {
		if (!name.includes(part)) continue;
		const report = await reportOf(name, run(harness));
		await harness.endCase();
		printReport(report);
	}
	await harness.close();
	process.exit(0);
}
