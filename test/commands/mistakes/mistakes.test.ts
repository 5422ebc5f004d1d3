import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../../support/run-cli.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { writeFiles } from '../../toolchain/write-files.ts';

// Each row is a mistake that people make. The answers stand in mistakes.txt, to be read: each says what is wrong, and what to do.
// `npx vitest run test/commands/mistakes -u` writes them anew.

const plugin = `import { createPlugin, ToolError } from 'orchestra-toolchain';
export default createPlugin('desk').version('1.0.0')
	.registerTool('add_task', { description: 'Adds a task.', input: { type: 'object', required: ['title'],
		properties: { title: { type: 'string' }, priority: { enum: ['low', 'high'] }, days: { type: 'integer', minimum: 1 }, tags: { type: 'array', items: { type: 'string' } } } } }, (args) => args)
	.registerTool('close_task', { description: 'Closes a task.', input: { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } } }, () => {
		throw new ToolError('no_such_task', 'there is no task 7', { hint: 'add_task makes one.', cause: new Error('the list is empty') });
	})
	.build();
`;

/** With a tool that cannot be called. */
const odd = `import { createPlugin } from 'orchestra-toolchain';
export default createPlugin('odd')
	.registerTool('odd', { description: 'Cannot be called.', input: { type: 'object', properties: { n: { type: 'nummer' } } } }, () => 1)
	.build();
`;

const rows: string[][] = [
	// Commands.
	['--vebose'],
	['--verson'],
	['lst'],
	['cal', '.', 'add_task'],
	['run', '.', 'add_task'],
	['list'],
	['issue', 'web'],
	['certs', 'lst'],
	['certs', 'delete', 'web'],
	['zzzzzz'],
	['./plugin.mjs', 'add_task'],
	['help', 'cal'],
	['events', 'subscrib', 'orders'],
	['schema', 'confg'],
	['help', 'certs', 'isue'],
	['completion'],
	['completion', 'powershell'],
	['test', '.', '--onyl', 'core'],
	['test', '.', '--profile', 'cor'],
	['cluster', 'init', 'trio', '--nodes', 'nats,beta'],
	['cluster', 'init', 'trio', '--nodes', 'alpha,cli'],
	['cluster', 'init', 'trio', '--nodes', 'nats-1,beta', '--nats', 'nats-1:4222'],
	['cluster', 'init', 'trio', '--nats', 'tls://nats-1'],
	// What is missing.
	['call'],
	['call', '.', 'add_task'],
	['inspect'],
	['serve'],
	['certs', 'issue'],
	['certs', 'show'],
	['certs', 'revoke'],
	['certs', 'import'],
	['call', ''],
	['serve', ''],
	['dev', ''],
	['dev', 'tcp://127.0.0.1:1'],
	['build', ''],
	['install', ''],
	['install'],
	['uninstall'],
	['prompt'],
	['storage', '.'],
	['storage', '.', 'read'],
	['storage', '.', 'write', 'a.md'],
	['events', 'subscribe'],
	['events', 'publish', 'orders'],
	['certs', 'renew'],
	['logs'],
	// Flags.
	['call', '.', 'add_task', 'title=x', '--timeut', '5s'],
	['call', '.', 'add_task', '--title', 'x'],
	['call', '.', 'add_task', 'title=x', '--timeout'],
	['call', '.', 'add_task', 'title=x', '--timeout', 'soon'],
	['call', '.', 'add_task', 'title=x', '--carrier', 'qic'],
	['call', '.', 'add_task', 'title=x', '--carrier', 'http'],
	['call', '.', 'add_task', 'title=x', '--input'],
	['inspect', '.', '--no-spawn'],
	['certs', 'list', '--json=false'],
	['build', '.', '--mini'],
	['init', 'new', '--template', 'tol'],
	['init', 'new', '--runtime', 'bun'],
	['logs', 'desk', '--lines', 'many'],
	['tools', '--limit', '501'],
	['certs', 'issue', 'bob', '--days', '0'],
	['serve', '.', '--prefer'],
	['storage', '.', 'write', 'a', 'b', '--force', '--expected-version', '1'],
	['storage', '.', 'write', 'a', 'b', '--metadata', '{'],
	['call', '.', 'add_task', 'title=x', '--timeout', '0'],
	['call', '.', 'add_task', 'title=x', '--provider', 'other'],
	['call', '.', 'add_task', 'title=x', '--plugin', 'other'],
	['call', '.', 'add_task', 'title=x', '--config', 'units'],
	['ps', '--adress', 'tcp://127.0.0.1:1'],
	['reload', 'now'],
	['ps', '127.0.0.1:53817'],
	['reload', 'tcp://127.0.0.1:53817'],
	['stop', 'desk', '127.0.0.1:53817'],
	['logs', '127.0.0.1:53817'],
	['events', 'subscribe', 'a', '127.0.0.1:53817'],
	// Words.
	['call', '.', 'add_taks', 'title=x'],
	['call', '.', 'nothing'],
	['call', 'odd.mjs', 'odd'],
	['inspect', '.', 'add_taks'],
	['inspect', '.', 'add_task', 'close_task'],
	['call', '.', 'add-task', 'title=x'],
	['call', '.', 'desk.add_task', 'title=x'],
	['call', '.', 'add_task', 'title:x'],
	['call', '.', 'add_task', '{"title":"x"}'],
	['call', '.', 'add_task', 'TITLE=x'],
	['call', '.', 'add_task', 'title=x', 'tags:=3'],
	['call', '.', 'close_task', '--id=7'],
	['call', '.', 'add_task', 'title'],
	['call', '.', 'add_task', '=x'],
	['call', '.', 'add_task', 'titel=x'],
	['call', '.', 'add_task', 'title=x', 'prioritee=high'],
	['call', '.', 'add_task', 'title=x', 'priority=urgent'],
	['call', '.', 'add_task', 'title=x', 'days=many'],
	['call', '.', 'add_task', 'title=x', 'days=0'],
	['call', '.', 'add_task', 'title=x', 'days:=1e999'],
	['call', '.', 'add_task', 'title=x', 'days=9007199254740993'],
	['call', '.', 'add_task', 'title=x', 'title=y'],
	['call', '.', 'add_task', 'title:={x}'],
	['call', '.', 'add_task', 'title=@absent.txt'],
	['call', '.', 'add_task', '--input', 'absent.json'],
	['call', '.', 'add_task', '--input', 'README.md'],
	['call', '.', 'add_task', '--input', 'list.json'],
	['call', '.', 'add_task', 'title=@latin1.txt'],
	['call', '.', 'close_task', 'id=7'],
	// Targets.
	['call', 'absent', 'x'],
	['call', 'add_task'],
	['call', 'plugin.js', 'add_task'],
	['call', 'README.md/x', 'y'],
	['call', 'tcp:127.0.0.1:1', 'x'],
	['call', 'README.md', 'x'],
	['call', 'script', 'x'],
	['call', 'empty', 'x'],
	['call', 'no-main', 'x'],
	['call', 'no-plugin.mjs', 'x'],
	['call', 'syntax.mjs', 'x'],
	['call', 'throws.mjs', 'x'],
	['call', 'http://127.0.0.1:50100', 'x'],
	['call', 'quic://127.0.0.1', 'x'],
	['call', 'tcp://127.0.0.1:99999', 'x'],
	['call', 'tcp+plain://127.0.0.1:1', 'x', '--timeout', '5s'],
	['call', 'tcp://127.0.0.1:1', 'x', '--certs-dir', 'no-certs'],
	['call', 'tcp://127.0.0.1:1', 'x', '--spawn'],
	['serve', 'tcp://127.0.0.1:1'],
	['serve', '.', '--listen', 'tcp://127.0.0.1:<taken>', '--json'],
	['serve', '.', '--listen', 'nowhere'],
	['build', 'absent'],
	['build', 'README.md'],
	['init', 'empty/..'],
	['init', 'README.md/x'],
	['init', 'new', '--id', 'a b'],
	['build', 'plugin.mjs', '--out', 'README.md'],
	['install', 'README.md', '--yes'],
	['install', './absent.tgz', '--yes'],
	['install', 'empty', '--yes'],
	['update', 'nobody'],
	['uninstall', 'nobody'],
	['prompt', '.', 'notes'],
	['storage', '.', 'list'],
	['storage', 'list', '.'],
	['storage', '.', 'reed', 'a'],
	['serve', '--config', 'absent.yaml'],
	['serve', '--config', 'typo.yaml'],
	['serve', '--config', 'broken.yaml'],
	['ps', '-a', 'tcp://127.0.0.1:1'],
	['logs', 'desk', '-a', '127.0.0.1'],
	['events', 'publish', 'a.*', 'kind', '-a', 'tcp://127.0.0.1:1'],
	['events', 'publish', 'a', 'kind', '{bad', '-a', 'tcp://127.0.0.1:1'],
	['events', 'subscribe', 'a', '--filter', 'x', '-a', 'tcp://127.0.0.1:1'],
	// Certificates.
	['certs', 'verify', 'alise'],
	['certs', 'status', 'alise'],
	['certs', 'renew', 'alise'],
	['certs', 'issue', 'ca'],
	['certs', 'issue', 'bob', 'carol'],
	['certs', 'export', 'alice', '--out', 'absent/alice.pem'],
	['certs', 'revoke', '--fingerprint', 'zz'],
	['certs', 'rotate', '--overlap', 'soon'],
	['certs', 'show', 'alise'],
	['certs', 'show', 'nobody'],
	['certs', 'export', 'alise'],
	['certs', 'issue', 'alice'],
	['certs', 'issue', '../x'],
	['certs', 'init', 'web'],
	['certs', 'import', 'plugin.mjs'],
	['certs', 'import', 'absent.pem'],
	['certs', 'list', '--certs-dir', 'README.md'],
	['certs', 'list', '--certs-dir', 'README.md/x'],
	['certs', 'status', '--certs-dir', 'absent'],
	['certs', 'revoke', 'alise'],
	['certs', 'rotate', '--finish'],
];

const scratch = scratchFolder('mistakes');
let env: Record<string, string> = {};
const taken = createServer();
let port = 0;

beforeAll(async () => {
	env = {
		HOME: scratch,
		ORCHESTRA_CERTS_DIR: join(scratch, 'certs'),
		ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
	};
	writeFiles(scratch, {
		'plugin.mjs': plugin,
		'odd.mjs': odd,
		'README.md': '# A plugin\n',
		script: '#!/bin/sh\n',
		'no-main/package.json': '{ "main": "absent.js" }',
		'no-plugin.mjs': 'export default 3;',
		'syntax.mjs': 'export const = 3;',
		'throws.mjs': "throw new Error('unwell');",
		'list.json': '[1]',
		'typo.yaml': 'plugin: []\n',
		'broken.yaml': 'plugins: [\n',
	});
	writeFileSync(join(scratch, 'latin1.txt'), Buffer.from([0xfc]));
	chmodSync(join(scratch, 'script'), 0o644);
	mkdirSync(join(scratch, 'empty'));
	await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
	port = (taken.address() as { port: number }).port;
	for (const words of [
		['certs', 'init'],
		['certs', 'issue', 'alice'],
	]) {
		expect(await runCli(words, { cwd: scratch, env })).toMatchObject({ code: 0 });
	}
});

afterAll(() => {
	taken.close();
});

/** What a mistake is answered with, without what differs from run to run. */
async function answer(words: string[]): Promise<string> {
	const given = words.map((word) => word.replace('<taken>', `${port}`));
	const { code, stdout, stderr } = await runCli(given, { cwd: scratch, env, timeoutMs: 60_000 });
	const told = `${stdout}${stderr}`
		.replaceAll(scratch, '<scratch>')
		.replaceAll(`:${port}`, ':<taken>')
		.replaceAll(/\d+ ms/g, 'N ms')
		// A busy machine, rather than the mistake.
		.replaceAll(/^.*blocks the event loop.*\n/gm, '');
	expect(told, words.join(' ')).not.toMatch(/\n\s+at .*(node:|\.js:)|npx orchestra/);
	return `$ orchestra ${words.join(' ')}\n${told.trimEnd()}\n[${code}]\n`;
}

test('each mistake is answered with what is wrong and what to do next', { timeout: 600_000 }, async () => {
	expect(rows.length).toBeGreaterThanOrEqual(150);
	const answers: string[] = [];
	// Two at a time.
	const waiting = rows.entries();
	const work = async () => {
		for (const [i, words] of waiting) answers[i] = await answer(words);
	};
	await Promise.all([work(), work()]);
	if (process.env.MISTAKES_SHOW) process.stdout.write(answers.join('\n'));
	for (const text of answers) {
		// A success, a bug or silence is no answer to a mistake.
		expect(text).toMatch(/\[(2|3|4|5)\]\n$/);
		expect(text, 'the next step is named').toMatch(/→|"hint"/);
	}
	await expect(answers.join('\n')).toMatchFileSnapshot('mistakes.txt');
});
