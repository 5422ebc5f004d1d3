/** Result of a check or a case. */
export interface TestResult {
	readonly kind: 'check' | 'case';
	/** `101 ready-line`, or the name of a case. */
	readonly name: string;
	/** Name of its group: `conformance`, or the file of a case. */
	readonly suite: string;
	readonly outcome: 'passed' | 'failed' | 'skipped';
	readonly ms: number;
	/** What had to come, where it failed. */
	readonly expected?: string;
	/** What came in its place. */
	readonly came?: string;
	/** Consequence where a check fails: what goes wrong by it. */
	readonly why?: string;
	/** Words after "the Go SDK" where all its plugins fail this check too. */
	readonly known?: string;
	/** Reason why it was skipped. */
	readonly reason?: string;
}

/** All that was tested of a target. */
export interface TestReport {
	readonly target: string;
	readonly results: readonly TestResult[];
	readonly passed: number;
	readonly failed: number;
	readonly skipped: number;
	readonly ms: number;
}

/** Sums results up. @param ms milliseconds of the whole */
export function testReport(target: string, results: readonly TestResult[], ms: number): TestReport {
	const count = (outcome: TestResult['outcome']) =>
		results.filter((result) => result.outcome === outcome).length;
	return {
		target,
		results,
		passed: count('passed'),
		failed: count('failed'),
		skipped: count('skipped'),
		ms: Math.round(ms),
	};
}
