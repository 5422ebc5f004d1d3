import { within } from '../carriers/within.ts';

/** What a process that runs cases says of one, as a line of JSON on stdout. */
export interface CaseReport {
	readonly name: string;
	readonly skipped?: string;
	readonly error?: string;
}

/** Waits for a case to end. */
export function reportOf(name: string, run: Promise<void>): Promise<CaseReport> {
	return within(run, 'the case ends', 30_000).then(
		() => ({ name }),
		(error: Error) => ({ name, error: error.stack ?? String(error) }),
	);
}

export function printReport(report: CaseReport): void {
	process.stdout.write(`${JSON.stringify(report)}\n`);
}
