import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { RunningCli, runCli } from '../support/run-cli.ts';

const example = 'examples/release-notes';
const scratch = mkdtempSync(join(tmpdir(), 'orchestra-prompt-'));
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const prompt = (...words: string[]) => runCli(['prompt', ...words], { env });

describe.each([
	['embedded', []],
	['spawned', ['--spawn']],
])('prompt, %s', (_name, flags) => {
	test('lists the prompts with their arguments', async () => {
		const { code, stdout } = await prompt(example, ...flags);
		expect(code).toBe(0);
		expect(stdout).toContain('release_notes version=… changes=… [audience=…]\n');
		expect(stdout).toMatch(/ {2}audience {2}optional {2}Who reads them/);
		const { prompts } = JSON.parse((await prompt(example, '--json', ...flags)).stdout);
		expect(prompts).toMatchObject([
			{ name: 'release_notes', arguments: [{ name: 'version', required: true }, {}, {}] },
		]);
	});

	test('fills one in: messages under their roles, or as JSON', async () => {
		writeFileSync(join(scratch, 'changes'), 'it is\nfaster\n');
		const words = [example, 'release_notes', 'version=1.2.3', `changes=@${scratch}/changes`, ...flags];
		const { code, stdout, stderr } = await prompt(...words);
		expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
		expect(stdout).toMatch(/^user:\n[\s\S]*1\.2\.3[\s\S]*faster[\s\S]*\n\nassistant:\nI will begin/);
		expect(JSON.parse((await prompt(...words, '--json')).stdout)).toMatchObject({
			description: expect.any(String),
			messages: [{ role: 'user', content: { type: 'text' } }, { role: 'assistant' }],
		});
	});
});

test('a prompt of something that runs already', async () => {
	await using cli = new RunningCli(['serve', example, '--listen', 'tcp://127.0.0.1:0', '--json'], { env });
	const [line] = await cli.until(/^.*"event":"ready".*$/m);
	const { addresses } = JSON.parse(line) as { addresses: string[] };
	const { code, stdout } = await prompt(addresses[0] ?? '', 'release_notes', 'version=1', 'changes=x');
	expect(code).toBe(0);
	expect(stdout).toContain('user:\n');
});

test('one user message is printed as it is, and a text may come from standard input', async () => {
	const file = join(scratch, 'plugin.ts');
	writeFileSync(
		file,
		`import { createPlugin } from 'orchestra-toolchain';
export default createPlugin('asks').registerPrompt('ask', { description: '', arguments: [{ name: 'text' }] }, ({ text }) => \`Say \${text}\`).build();
`,
	);
	const result = await runCli(['prompt', file, 'ask', 'text=@-'], { env, input: 'hello' });
	expect(result).toMatchObject({ code: 0, stdout: 'Say hello\n' });
});

test.each([
	[
		'a missing argument',
		['release_notes', 'version=1'],
		'needs changes',
		'release_notes version=… changes=… [audience=…]',
	],
	['an unknown argument', ['release_notes', 'versoin=1'], 'no argument versoin', 'Did you mean version?'],
	['a word', ['release_notes', 'loud'], '"loud" is not an argument', 'release_notes version=…'],
	[
		'an argument twice',
		['release_notes', 'version=1', 'version=2'],
		'version is given twice',
		'release_notes version=…',
	],
	['an unknown prompt', ['release_note'], 'no prompt named release_note', 'Did you mean release_notes?'],
])('%s exits 2 and says what is right', async (_name, words, message, hint) => {
	const { code, stdout, stderr } = await prompt(example, ...words);
	expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
	expect(stderr).toContain(message);
	expect(stderr).toContain(hint);
});
