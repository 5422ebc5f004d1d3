import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { TestReport } from '../../src/conformance/report/test-result.ts';
import { scaffoldFiles } from '../../src/toolchain/scaffold/scaffold-files.ts';
import { templates } from '../../src/toolchain/scaffold/template.ts';
import { projectRoot, runCli } from '../support/run-cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'orchestra-tested-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const examples = readdirSync(join(projectRoot, 'examples'));
const scaffolds = Object.keys(templates) as (keyof typeof templates)[];

/** What of a plugin failed: of the checks, and of the cases beside it. */
async function failuresOf(folder: string, runtime: 'node' | 'deno' = 'node'): Promise<unknown[]> {
	const words = ['test', folder, '--carrier', 'tcp', '--json'];
	const { stdout, stderr } = await runCli(words, { timeoutMs: 60_000, runtime });
	if (stdout === '') throw new Error(stderr);
	return (JSON.parse(stdout) as TestReport).results.filter(({ outcome }) => outcome === 'failed');
}

describe.concurrent('every check and every case is passed by', () => {
	test.each(examples)('the example %s', async (name) => {
		expect(await failuresOf(join(projectRoot, 'examples', name))).toEqual([]);
	});

	test.each(['node', 'deno'] as const)('the storage of Markdown files, on %s', async (runtime) => {
		const dir = join(scratch, `markdown-${runtime}`);
		mkdirSync(dir);
		const text = `import { createPlugin } from 'orchestra-toolchain';
import { markdownStorage } from 'orchestra-toolchain/storage';
export default createPlugin('storage.markdown')
	.version('1.0.0')
	.providesStorage('markdown')
	.setStorageHandler(markdownStorage({ workspace: ${JSON.stringify(dir)} }))
	.build();
`;
		writeFileSync(join(dir, 'plugin.mjs'), text);
		expect(await failuresOf(join(dir, 'plugin.mjs'), runtime)).toEqual([]);
	});

	test.each(scaffolds)('the template %s', async (template) => {
		const dir = join(scratch, template);
		mkdirSync(dir);
		for (const [name, text] of scaffoldFiles({ dir, id: template, template, runtime: 'node' }))
			writeFileSync(join(dir, name), text);
		symlinkSync(join(projectRoot, 'node_modules'), join(dir, 'node_modules'));
		expect(await failuresOf(dir)).toEqual([]);
	});
});
