import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCases } from '../../src/conformance/cases/read-cases.ts';
import { recordOutcomes } from '../../src/conformance/cases/record-cases.ts';
import type { Outcome } from '../../src/conformance/cases/run-case.ts';
import { runCases } from '../../src/conformance/cases/run-cases.ts';
import { storedBeforehand } from '../../src/conformance/cases/stored-beforehand.ts';
import type { TestCase } from '../../src/conformance/cases/test-case.ts';
import { formatJunit } from '../../src/conformance/report/junit.ts';
import { formatTap } from '../../src/conformance/report/tap.ts';
import { type TestResult, testReport } from '../../src/conformance/report/test-result.ts';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { ToolError } from '../../src/runtime/wire/orchestra-error.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const folder = scratchFolder('cases');
let files = 0;

function write(text: string): string {
	const file = join(folder, `${++files}.cases.yaml`);
	writeFileSync(file, text);
	return file;
}

const kitchen = () =>
	createPlugin('kitchen')
		.version('1.0.0')
		.needsStorage('notes')
		.registerTool('dish', { description: 'x', input: { type: 'object' } }, () => ({
			dish: 'soup',
			plates: [1, 2],
			left: null,
		}))
		.registerTool('say', { description: 'x', input: { type: 'object' } }, () => 'hello')
		.registerTool('burn', { description: 'x', input: { type: 'object' } }, () => {
			throw new ToolError('burnt', 'the dish is burnt');
		})
		.registerTool(
			'cook',
			{ description: 'x', input: { type: 'object' } },
			async (_, { storage, publish }) => {
				const { content, version } = await storage.read('list.md', { storageType: 'notes' });
				const text = `${new TextDecoder().decode(content)}soup\n`;
				await storage.write('list.md', text, { storageType: 'notes', expectedVersion: version });
				await publish('meals', { dish: 'soup' }, { eventType: 'ready' });
				return 'done';
			},
		)
		.registerStreamingTool('serve', { description: 'x', input: { type: 'object' } }, async function* () {
			yield { plate: 1 };
			yield 'two';
		})
		.build();

async function run(
	file: string,
	onRecorded?: (test: TestCase, outcome: Outcome) => void,
): Promise<TestResult[]> {
	const cases = await readCases(file);
	const orchestrator = new Orchestrator();
	try {
		const beside = storedBeforehand(cases);
		if (beside) await orchestrator.embed(beside);
		await orchestrator.embed(kitchen());
		return await runCases(cases, { client: createClient(orchestrator.connect('test')), onRecorded });
	} finally {
		await orchestrator.stop();
	}
}

const passing = `
storage:
  notes: { list.md: "bread\\n" }
cases:
  - { name: exact, call: dish, expect: { result: { left: null, plates: [1, 2], dish: soup } } }
  - { name: subset, call: dish, expect: { subset: { dish: soup } } }
  - { name: schema, call: dish, expect: { schema: { properties: { plates: { type: array, maxItems: 2 } } } } }
  - { name: regex, call: say, expect: { matches: ^hel+o$ } }
  - { name: code, call: burn, expect: { error: burnt } }
  - { name: words, call: burn, expect: { error: { code: burnt, matches: dish } } }
  - { name: chunks, call: serve, expect: { chunks: [{ plate: 1 }, two] } }
  - name: around
    call: cook
    expect:
      storage: [{ type: notes, path: list.md, text: "bread\\nsoup\\n" }, { type: notes, path: none, absent: true }]
      events: [{ topic: meals, type: ready, payload: { dish: soup } }]
`;

test('every kind of expectation is met', async () => {
	const results = await run(write(passing));
	expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
	expect(results).toHaveLength(8);
});

const failing = [
	['dish', '{ result: { dish: soup } }', /"dish":"soup","plates"/],
	['dish', '{ subset: { plates: [1] } }', /at \.plates/],
	['dish', '{ schema: { properties: { dish: { type: integer } } } }', /\/dish must be integer/],
	['say', '{ matches: bye }', /"hello"/],
	['say', '{ error: burnt }', /"text":"hello"/],
	['burn', '{ result: {} }', /burnt: the dish is burnt/],
	['burn', '{ error: raw }', /burnt: the dish/],
	['burn', '{ error: { code: burnt, matches: raw } }', /the dish is burnt/],
	['serve', '{ chunks: [one] }', /\[\{"plate":1\},"two"\]/],
	['say', '{ storage: [{ type: notes, path: none }] }', /storage_not_found/],
	['say', '{ storage: [{ type: notes, path: list.md, text: x }] }', /"bread/],
	['say', '{ storage: [{ type: notes, path: list.md, absent: true }] }', /"bread/],
] as const;

test.each(failing)('%s does not meet %s, and what came is told', async (tool, expected, came) => {
	const file = write(
		`storage: { notes: { list.md: "bread\\n" } }\ncases:\n  - { call: ${tool}, expect: ${expected} }`,
	);
	expect(await run(file)).toMatchObject([{ outcome: 'failed', came: expect.stringMatching(came) }]);
});

const faulty = [
	['cases:\n  - call: x\n    expects: {}', '3:5: cases[0].expects: unknown key; did you mean expect?'],
	['cases:\n  - call: [x]', '2:11: cases[0].call: must be a text, not a list'],
	['cases:\n  - with: {}', '2:5: cases[0]: a case has either call, with a tool, or prompt'],
	[
		'cases:\n  - call: x\n    expect: { matches: "(" }',
		'3:24: cases[0].expect.matches: Invalid regular expression',
	],
	[
		'cases:\n  - call: x\n    expect: { schema: { type: 5 } }',
		'3:23: cases[0].expect.schema: it is no JSON Schema',
	],
	[
		'cases:\n  - call: x\n    expect: { error: e, result: 1 }',
		'3:22: cases[0].expect.error: a call that ends',
	],
	['cases:\n  - call: x\n    timeout: soon', '3:14: cases[0].timeout: '],
	['cases:\n  - call: x\n  - call: x', '3:5: cases[1]: another case is named "x" too'],
	['cases: []', '1:8: cases: the list is empty'],
	['cases:\n  - call: {', '2:'],
	['config: {}', '1:1: cases is missing'],
] as const;

test.each(faulty)('a file that is off tells line and key: %j', async (text, fault) => {
	const file = write(text);
	await expect(readCases(file)).rejects.toMatchObject({
		code: 'invalid_configuration',
		message: expect.stringContaining(`${file}:${fault}`),
		hint: expect.stringContaining('docs/testing-plugins.md'),
	});
});

test('what came is recorded, and the rest of the file stays', async () => {
	const file = write('# mine\ncases:\n  - call: dish # soup\n  - { call: burn }\n  - call: serve\n');
	const recorded = new Map<TestCase, Outcome>();
	const cases = await readCases(file);
	const results = await run(file);
	expect(results.map(({ outcome }) => outcome)).toEqual(['skipped', 'skipped', 'skipped']);
	await run(file, (test, outcome) => {
		const same = cases.cases.find(({ name }) => name === test.name);
		if (same) recorded.set(same, outcome);
	});
	await recordOutcomes(cases, recorded);
	expect(readFileSync(file, 'utf8')).toContain('# mine\ncases:\n  - call: dish # soup\n');
	expect((await run(file)).map(({ outcome }) => outcome)).toEqual(['passed', 'passed', 'passed']);
});

describe('a report', () => {
	const results: TestResult[] = [
		{ kind: 'check', name: '101 ready-line', suite: 'conformance', outcome: 'passed', ms: 5 },
		{
			kind: 'check',
			name: '501 deadline',
			suite: 'conformance',
			outcome: 'skipped',
			ms: 0,
			reason: 'no\ncase',
		},
		{
			kind: 'case',
			name: 'a #1 <b>',
			suite: 'x.yaml',
			outcome: 'failed',
			ms: 7,
			expected: '"1"',
			came: '\u0000&',
		},
	];
	const report = testReport('x', results, 12);

	test('as TAP', () => {
		expect(formatTap(report).split('\n')).toEqual([
			'TAP version 14',
			'1..3',
			'ok 1 - conformance: 101 ready-line',
			'ok 2 - conformance: 501 deadline # SKIP no case',
			'not ok 3 - x.yaml: a \\#1 <b>',
			'  ---',
			'  expected: "\\"1\\""',
			'  came: "\\u0000&"',
			'  ...',
			'',
		]);
	});

	test('as JUnit', () => {
		const xml = formatJunit(report);
		expect(xml).toContain('<testsuites name="x" tests="3" failures="1" skipped="1" time="0.012">');
		expect(xml).toContain('<testcase classname="x.yaml" name="a #1 &lt;b&gt;" time="0.007">');
		expect(xml).toContain(
			'<failure message="expected &quot;1&quot;">expected &quot;1&quot;\ncame \ufffd&amp;</failure>',
		);
		expect(xml).toContain('<skipped message="no\ncase"/>');
	});
});
