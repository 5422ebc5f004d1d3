import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';

test.each(['node', 'deno'] as const)(
	'schema config prints the JSON Schema of configurations, on %s',
	async (runtime) => {
		for (const args of [[], ['--json']]) {
			const { code, stdout, stderr } = await runCli(['schema', 'config', ...args], { runtime });
			expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
			const schema = JSON.parse(stdout);
			expect(schema).toMatchObject({
				title: 'orchestra.yaml',
				$defs: { go_format: { title: 'plugins.yaml' } },
			});
		}
	},
);

test('the package has the schema as a file', async () => {
	const path = createRequire(import.meta.url).resolve('orchestra-toolchain/orchestra.schema.json');
	const { stdout } = await runCli(['schema', 'config']);
	expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(stdout));
});
