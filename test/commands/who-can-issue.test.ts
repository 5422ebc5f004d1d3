import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeExecutable, writeModule } from '../toolchain/serve/plugin-files.ts';

const scratch = scratchFolder('who-can-issue');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
const sentence = /rights\s+an executable that can read ca\.key: it can issue itself any certificate/;

test('inspect says that rules do not bind an executable, since it can read ca.key', async () => {
	writeExecutable(scratch, 'tool', { id: 'its-own' });
	const target = join(scratch, 'tool');
	const asJson = await runCli(['inspect', target, '--json'], { env });
	expect(JSON.parse(asJson.stdout)).toMatchObject({ how: 'spawned', canIssue: true });
	const { stdout } = await runCli(['inspect', target], { env: { ...env, COLUMNS: '200' } });
	expect(stdout).toMatch(sentence);
	expect(stdout).toContain('access rules do not bind it');
});

test.each([
	['in the process of its host', []],
	['in a process of its own', ['--spawn']],
	['in a process of its own, over TCP', ['--spawn', '--carrier', 'tcp']],
])('it does not say so of a module %s', async (_where, flags) => {
	writeModule(scratch, 'module.ts', { id: 'module' });
	const target = join(scratch, 'module.ts');
	const asJson = await runCli(['inspect', target, ...flags, '--json'], { env });
	expect(JSON.parse(asJson.stdout)).toMatchObject({ canIssue: false });
	expect((await runCli(['inspect', target, ...flags], { env })).stdout).not.toContain('ca.key');
});
