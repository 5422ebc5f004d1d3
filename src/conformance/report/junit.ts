import type { TestReport, TestResult } from './test-result.ts';

/** JUnit's XML, as continuous integration reads it: a suite for the conformance, and one for each file with cases. */
export function formatJunit(report: TestReport): string {
	const suites = new Map<string, TestResult[]>();
	for (const result of report.results)
		suites.set(result.suite, [...(suites.get(result.suite) ?? []), result]);
	return [
		'<?xml version="1.0" encoding="UTF-8"?>',
		`<testsuites name="${escaped(report.target)}"${counts(report.results)}>`,
		...[...suites].flatMap(([name, results]) => [
			`\t<testsuite name="${escaped(name)}"${counts(results)}>`,
			...results.map(testcase),
			'\t</testsuite>',
		]),
		'</testsuites>',
		'',
	].join('\n');
}

function counts(results: readonly TestResult[]): string {
	const count = (outcome: TestResult['outcome']) =>
		results.filter((result) => result.outcome === outcome).length;
	const seconds = results.reduce((sum, { ms }) => sum + ms, 0) / 1000;
	return ` tests="${results.length}" failures="${count('failed')}" skipped="${count('skipped')}" time="${seconds}"`;
}

function testcase(result: TestResult): string {
	const { name, suite, ms, outcome, expected, came, why, known, reason } = result;
	const open = `\t\t<testcase classname="${escaped(suite)}" name="${escaped(name)}" time="${ms / 1000}"`;
	if (outcome === 'passed') return `${open}/>`;
	if (outcome === 'skipped') return `${open}><skipped message="${escaped(reason ?? '')}"/></testcase>`;
	const text = [`expected ${expected}`, `came ${came}`, why, known && `the Go SDK ${known}`]
		.filter(Boolean)
		.join('\n');
	return `${open}><failure message="${escaped(`expected ${expected}`)}">${escaped(text)}</failure></testcase>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Replaces characters that XML 1.0 cannot hold at all. */
function escaped(text: string): string {
	return text
		.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
		.replace(/[&<>"]/g, (char) => entities[char] ?? char);
}
