import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { textWidth } from '../../src/cli/text-width.ts';
import { runCli } from '../support/run-cli.ts';
import { runInTerminal } from '../support/run-in-terminal.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const kitchen = 'test/commands/fixtures/kitchen.ts';
const scratch = scratchFolder('terminal');
let env: Record<string, string> = {};

beforeAll(async () => {
	env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
	expect((await runCli(['certs', 'init'], { env })).code).toBe(0);
});

test('a private key is not written to a terminal, a certificate is', async () => {
	expect((await runCli(['certs', 'issue', 'web'], { env })).code).toBe(0);
	const words = ['certs', 'export', 'web', '--out', '-'];
	const refused = await runInTerminal(words, 80, env);
	expect(refused.code).toBe(2);
	expect(refused.text).toContain('a private key is not written to a terminal');
	expect(refused.text).not.toContain('PRIVATE KEY');
	const shown = await runInTerminal([...words, '--public'], 80, env);
	expect(shown).toMatchObject({ code: 0, text: expect.stringContaining('BEGIN CERTIFICATE') });
	expect((await runCli(words, { env })).stdout).toContain('PRIVATE KEY');
});

describe('JSON', () => {
	const words = ['call', kitchen, 'echo', 'text=a "b" 1', 'any:={"n":-1.5e3,"t":true,"z":null}', '--json'];

	test('has colours on a terminal, and is the same JSON', async () => {
		const { code, text } = await runInTerminal(words, 80, env);
		expect(code).toBe(0);
		expect(text).toContain('\x1b[36m"text"\x1b[39m: \x1b[32m"a \\"b\\" 1"\x1b[39m');
		expect(text).toContain('\x1b[33m-1500\x1b[39m');
		expect(text).toContain('\x1b[35mtrue\x1b[39m');
		expect(JSON.parse(stripVTControlCharacters(text))).toEqual({
			text: 'a "b" 1',
			any: { n: -1500, t: true, z: null },
		});
	});

	test.each([[{ NO_COLOR: '1' }], [{ CI: '1' }], [{ TERM: 'dumb' }]])('has none with %j', async (plain) => {
		const { code, text } = await runInTerminal(words, 80, { ...env, ...plain });
		expect({ code, text }).toEqual({ code: 0, text: stripVTControlCharacters(text) });
		expect(JSON.parse(text)).toMatchObject({ text: 'a "b" 1' });
	});

	test('shows control characters by their codes', async () => {
		const file = join(scratch, 'evil.json');
		writeFileSync(file, JSON.stringify({ text: '\x1b]52;c;ZXZpbA==\x07\u009b31m\u202e' }));
		const { text } = await runInTerminal(['call', kitchen, 'echo', '--input', file, '--json'], 80, {
			...env,
			NO_COLOR: '1',
		});
		expect(text.replaceAll('\n', '')).toMatch(/^[\x20-\x7e]*$/);
	});
});

describe.each([80, 40])('on %i columns', (columns) => {
	test.each([
		[['--help']],
		[['call', '--help']],
		[['serve', '--help']],
		[['certs', '--help']],
		[['call', 'examples/weather']],
		[['call', 'examples/weather', 'forecast', '--help']],
		[['inspect', 'examples/weather']],
		[['prompt', 'examples/release-notes']],
		[['certs', 'status']],
		[['certs', 'list']],
	])('%j fits, and breaks between words', async (words) => {
		const [narrow, wide] = await Promise.all([
			runInTerminal(words, columns, { ...env, NO_COLOR: '1' }),
			runInTerminal(words, 400, { ...env, NO_COLOR: '1' }),
		]);
		expect(narrow.code).toBe(wide.code);
		// A bug of ours.
		expect(narrow.code, narrow.text).not.toBe(1);
		// Some words are times.
		const wordsOf = (text: string) => text.replaceAll(/\d+/g, '0').split(/\s+/);
		const whole = new Set(wordsOf(wide.text));
		const broken = wordsOf(narrow.text).filter((word) => !whole.has(word));
		expect(broken, narrow.text).toEqual([]);
		// A word that is longer than a line stays whole.
		const long = narrow.text
			.split('\n')
			.filter((line) => textWidth(line) > columns && line.trim().split(/\s+/).length > 1);
		expect(long, narrow.text).toEqual([]);
	});
});
