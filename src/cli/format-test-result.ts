import type { Check } from '../conformance/check.ts';
import type { TestReport, TestResult } from '../conformance/report/test-result.ts';
import { style } from './style.ts';
import { outputWidth, wrapText } from './text-width.ts';
import { visible } from './visible-text.ts';

const marks = {
	passed: style.green('✓'),
	failed: style.red('✗'),
	skipped: style.dim('-'),
} as const;

/** Blanks before what is said of a failure. */
const indent = 4;

/** A result on a line, and below it what was expected, what came, and why it matters. */
export function formatTestResult(result: TestResult): string {
	const { outcome, name, ms, reason, expected, came, why, known } = result;
	const time = ms >= 100 ? style.dim(` ${ms} ms`) : '';
	const head = `${marks[outcome]} ${visible(name)}${outcome === 'skipped' ? style.dim(` (${reason})`) : time}`;
	if (outcome !== 'failed') return outcome === 'skipped' ? style.dim(head) : head;
	const told = [
		['expected', expected],
		['came', came],
		[result.kind === 'case' ? 'at' : 'why', why],
		['known', known && `the Go SDK ${known}`],
	] as const;
	const lines = told
		.filter(([, text]) => text)
		.map(([label, text]) => {
			const line = `${style.dim(label.padEnd(8))} ${visible(text ?? '')}`;
			return wrapText(line, outputWidth(), indent);
		});
	return [head, ...lines].join('\n');
}

/** Counts of the results. */
export function formatTestTotal({ passed, failed, skipped, ms }: TestReport): string {
	const parts = [
		failed > 0 && style.red(`${failed} failed`),
		style.green(`${passed} passed`),
		skipped > 0 && style.dim(`${skipped} skipped`),
	].filter((part) => part !== false);
	return `${parts.join(', ')} ${style.dim(`in ${(ms / 1000).toFixed(1)} s`)}`;
}

/** Lists the checks, a line each, and below each its purpose. */
export function formatCheckList(checks: readonly Check[]): string {
	return checks
		.map(({ number, name, profile, why }) => {
			const reason = style.dim(wrapText(why, outputWidth(), indent));
			return `${number} ${name} ${style.dim(profile)}\n${reason}`;
		})
		.join('\n');
}
