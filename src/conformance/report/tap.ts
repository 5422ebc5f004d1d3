import type { TestReport, TestResult } from './test-result.ts';

/** The Test Anything Protocol, version 14. */
export function formatTap({ results }: TestReport): string {
	return ['TAP version 14', `1..${results.length}`, ...results.flatMap(lines), ''].join('\n');
}

function lines(result: TestResult, index: number): string[] {
	const { outcome, name, suite, reason, expected, came, why, known } = result;
	const title = `${index + 1} - ${escaped(`${suite}: ${name}`)}`;
	if (outcome === 'skipped') return [`ok ${title} # SKIP ${oneLine(reason ?? '')}`];
	if (outcome === 'passed') return [`ok ${title}`];
	const details = { expected, came, why, known };
	const told = Object.entries(details).filter(([, text]) => text !== undefined);
	// A JSON string is a YAML string.
	return [
		`not ok ${title}`,
		'  ---',
		...told.map(([key, text]) => `  ${key}: ${JSON.stringify(text)}`),
		'  ...',
	];
}

function oneLine(text: string): string {
	return text.replace(/\s+/g, ' ');
}

/** A "#" would begin a directive. */
function escaped(text: string): string {
	return oneLine(text).replace(/[\\#]/g, '\\$&');
}
