import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { allChecks } from '../../src/conformance/all-checks.ts';
import type { Check } from '../../src/conformance/check.ts';
import type { TestResult } from '../../src/conformance/report/test-result.ts';
import { runChecks } from '../../src/conformance/run-checks.ts';
import { startSubject } from '../../src/conformance/subject/started-subject.ts';
import { bundleProgram } from '../support/bundle-program.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const folder = scratchFolder('checks');
let program = '';
beforeAll(async () => {
	program = await bundleProgram(new URL('./fixtures/hostile-plugin.ts', import.meta.url), folder);
});

/** Makes checks of the plugin that keeps every rule but one. */
async function check(checks: readonly Check[], violates: string): Promise<TestResult[]> {
	const path = join(folder, `hostile-${violates || 'not'}`);
	writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${program}" --violates=${violates} "$@"\n`);
	chmodSync(path, 0o755);
	const subject = await startSubject({
		name: 'hostile',
		target: { kind: 'executable', path },
		carrier: 'tcp',
		timeoutMs: violates === 'ready-line' ? 2_000 : undefined,
		calls: [
			{ tool: 'echo', args: { text: 'x' }, slow: false, streaming: false },
			{ tool: 'slow', args: { ms: 4_000 }, slow: true, streaming: false },
			{ tool: 'count', args: { to: 120 }, slow: false, streaming: true },
		],
	});
	try {
		return await runChecks(subject, checks, { profile: 'full', calls: true });
	} finally {
		await subject.close();
	}
}

/** Each starts its plugin, some of them several times: on a busy machine that takes a while. */
const limits = { timeout: 300_000 };

test('no two checks share a number or a name, and all say why they matter', () => {
	expect(new Set(allChecks.map(({ number }) => number)).size).toBe(allChecks.length);
	expect(new Set(allChecks.map(({ name }) => name)).size).toBe(allChecks.length);
	for (const { name, why } of allChecks)
		expect([name, why]).toEqual([name, expect.stringMatching(/^[A-Z].{20,}[.]$/)]);
});

test('a plugin that keeps all rules passes every check', limits, async () => {
	const results = await check(allChecks, '');
	expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
	expect(results).toHaveLength(allChecks.length);
});

test('the page about tests lists every check as it is', () => {
	const page = readFileSync(new URL('../../docs/testing-plugins.md', import.meta.url), 'utf8');
	expect(page.split('\n').filter((line) => /^\| \d+ \|/.test(line))).toEqual(
		allChecks.map(
			({ number, name, profile, why, goSdk = '' }) =>
				`| ${number} | \`${name}\` | ${profile} | ${why} | ${goSdk} |`,
		),
	);
});

// Most of them wait for a process to start, or for what does not come: side by side they take a third of the time.
describe.concurrent('a plugin that keeps every rule but one', limits, () => {
	test.each(allChecks)('fails check $number $name', async (broken) => {
		const [result] = await check([broken], broken.name);
		expect(result).toMatchObject({
			name: `${broken.number} ${broken.name}`,
			outcome: 'failed',
			expected: expect.stringMatching(/./),
			came: expect.stringMatching(/./),
			why: broken.why,
		});
	});
});
