/** Result of a check or a case. */
export interface TestResult {
	readonly kind: 'check' | 'case';
	/** `101 ready-line`, or the name of a case. */
	readonly name: string;
	/** Name of its group: `conformance`, or the file of a case. */
	readonly suite: string;
	readonly outcome: 'passed' | 'failed' | 'skipped';
	readonly ms: number;
	/** Of a failed one: what had to be. */
	readonly expected?: string;
	/** Of a failed one: what was. */
	readonly came?: string;
	/** Of a failed check: what goes wrong by it. */
	readonly why?: string;
	/** Of a failed check: what every plugin of the Go SDK does, where that is this. */
	readonly known?: string;
	/** Of a skipped one. */
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
