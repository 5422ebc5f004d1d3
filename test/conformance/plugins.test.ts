import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TestReport } from '../../src/conformance/report/test-result.ts';
import { scaffoldFiles } from '../../src/toolchain/scaffold/scaffold-files.ts';
import { scaffoldRuntimes, templates } from '../../src/toolchain/scaffold/template.ts';
import { denoExecutable } from '../support/deno.ts';
import { linkCheckout } from '../support/link-checkout.ts';
import { projectRoot, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const scratch = scratchFolder('tested');

const examples = readdirSync(join(projectRoot, 'examples'));
const scaffolds = Object.keys(templates) as (keyof typeof templates)[];
/** The plugins of `init`: those for Deno behind the soak tests, since it is the same code and each starts some ten times. */
const made = scaffoldRuntimes
	.filter((runtime) => runtime === 'node' || process.env.ORCHESTRA_SOAK)
	.flatMap((runtime) => scaffolds.map((template) => [template, runtime] as const));
const env = { PATH: `${dirname(denoExecutable())}:${process.env.PATH}` };

/** What of a plugin failed: of the checks, and of the cases beside it. */
async function failuresOf(folder: string, runtime: 'node' | 'deno' = 'node'): Promise<unknown[]> {
	const words = ['test', folder, '--carrier', 'tcp', '--json'];
	const { stdout, stderr } = await runCli(words, { timeoutMs: 290_000, runtime, env });
	if (stdout === '') throw new Error(stderr);
	return (JSON.parse(stdout) as TestReport).results.filter(({ outcome }) => outcome === 'failed');
}

// Each starts its plugin some ten times: on a busy machine that takes a while.
const limits = { timeout: 300_000 };

describe.concurrent('every check and every case is passed by', limits, () => {
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

	test.each(made)('the template %s on %s', async (template, runtime) => {
		const dir = join(scratch, `${template}-${runtime}`);
		mkdirSync(dir);
		for (const [name, text] of scaffoldFiles({ dir, id: template, template, runtime }))
			writeFileSync(join(dir, name), text);
		linkCheckout(dir);
		expect(await failuresOf(dir)).toEqual([]);
	});
});
