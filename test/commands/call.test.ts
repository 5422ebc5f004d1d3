import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const fixture = (name: string) => `test/commands/fixtures/${name}`;
const kitchen = fixture('kitchen.ts');

const scratch = scratchFolder('call');
const env: Record<string, string> = {
	ORCHESTRA_CERTS_DIR: join(scratch, 'certs'),
	ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
};

const call = (...words: string[]) => runCli(['call', ...words], { env });

describe.each([
	['embedded', []],
	['spawned', ['--spawn']],
	['spawned over quic', ['--spawn', '--carrier', 'quic']],
	['spawned over tcp', ['--spawn', '--carrier', 'tcp']],
])('call, %s', (_name, flags) => {
	test('prints a text result as text', async () => {
		expect(await call(kitchen, 'greet', 'name=Ada', ...flags)).toMatchObject({
			code: 0,
			stdout: 'hello Ada\n',
			stderr: '',
		});
	});

	test('prints one JSON document with --json', async () => {
		const { code, stdout, stderr } = await call(kitchen, 'echo', 'text=x', 'count=3', '--json', ...flags);
		expect(code).toBe(0);
		expect(JSON.parse(stdout)).toEqual({ text: 'x', count: 3 });
		expect(stderr).toBe('');
	});

	test('-v tells where the time went, on stderr', async () => {
		const dialled = flags.includes('--carrier');
		const parts = [...(dialled ? ['connect', 'TLS'] : []), 'queue', 'wire', 'handler'];
		const line = new RegExp(`^time {2}${parts.map((part) => `${part} [\\d.]+ ms`).join(' · ')}$`, 'm');
		const unary = await call(kitchen, 'greet', 'name=Ada', '-v', ...flags);
		expect(unary).toMatchObject({ code: 0, stdout: 'hello Ada\n' });
		expect(unary.stderr).toMatch(line);
		expect((await call(kitchen, 'count', 'to=2', '-v', ...flags)).stderr).toMatch(line);
		const { stdout, stderr } = await call(kitchen, 'echo', 'text=x', 'count=3', '-v', '--json', ...flags);
		expect(JSON.parse(stdout)).toEqual({ text: 'x', count: 3 });
		const times = stderr.split('\n').find((text) => text.startsWith('{"time"')) ?? '';
		const { time } = JSON.parse(times) as { time: Record<string, number> };
		expect(Object.keys(time)).toEqual([
			...(dialled ? ['connectMs', 'tlsMs'] : []),
			'queueMs',
			'wireMs',
			'handlerMs',
		]);
		for (const ms of Object.values(time)) expect(ms).toBeGreaterThanOrEqual(0);
	});

	test('prints the chunks of a stream', async () => {
		expect(await call(kitchen, 'count', 'to=4', ...flags)).toMatchObject({ code: 0, stdout: '1\n2\n3\n4\n' });
	});

	test('exits 5 with what the tool answered', async () => {
		const { code, stderr, stdout } = await call(kitchen, 'fail', '--json', ...flags);
		expect(code).toBe(5);
		expect(stdout).toBe('');
		expect(JSON.parse(stderr)).toEqual({
			error: { code: 'burnt', message: 'the dish is burnt', hint: 'Cook another.', details: { dish: 'pie' } },
		});
	});

	test('exits 5 where the handler threw', async () => {
		const { code, stderr } = await call(kitchen, 'crash', ...flags);
		expect(code).toBe(5);
		expect(stderr).toContain('the oven exploded');
	});

	test('exits 2 with the pointer of a bad argument', async () => {
		const { code, stderr } = await call(kitchen, 'echo', 'count=many', '--json', ...flags);
		expect(code).toBe(2);
		const { error } = JSON.parse(stderr);
		expect(error.code).toBe('invalid_arguments');
		expect(error.details.faults[0].pointer).toBe('/count');
		expect(error.hint).toMatch(/^It takes: .*count/s);
	});

	test('exits 6 when the deadline passes, and the plugin is told', async () => {
		const file = join(scratch, `deadline-${flags.join('')}`);
		const begun = performance.now();
		expect(await call(kitchen, 'greet', 'name=Ada', ...flags)).toMatchObject({ code: 0 });
		// The plugin has to start within the same time, which on a busy machine is longer.
		const timeoutMs = Math.ceil(Math.max(4_000, 3 * (performance.now() - begun)));
		const words = ['wait', `file=${file}`, '--timeout', `${timeoutMs}ms`];
		const { code, stderr } = await call(kitchen, ...words, ...flags);
		// Whichever of the two ends looks at its clock first.
		expect(stderr).toMatch(
			/wait: no answer within \d+ ms\n→ Allow more time with --timeout|the caller's deadline passed/,
		);
		expect(code).toBe(6);
	});

	test.each(['wait', 'tick'])('Ctrl-C cancels %s at the plugin too, and exits 130', async (tool) => {
		const file = join(scratch, `interrupt-${tool}-${flags.join('')}`);
		await using cli = new RunningCli(['call', kitchen, tool, `file=${file}`, ...flags], { env });
		if (tool === 'tick') await cli.until(/"tick":1/);
		else await waitUntil(() => existsSync(file));
		cli.child.kill('SIGINT');
		expect(await cli.exited).toBe(130);
		await waitUntil(() => readFileSync(file, 'utf8') === 'cancelled');
	});
});

describe('arguments', () => {
	test('follow the schema, JSON, files and stdin', async () => {
		const note = join(scratch, 'note.txt');
		const data = join(scratch, 'data.json');
		writeFileSync(note, 'from a file');
		writeFileSync(data, '{"deep":[1,2]}');
		const words = [`text=@${note}`, 'count=3', 'ok=true', 'tags=a', 'tags=b', `any:=@${data}`];
		const { stdout } = await call(kitchen, 'echo', ...words, '--json');
		expect(JSON.parse(stdout)).toEqual({
			text: 'from a file',
			count: 3,
			ok: true,
			tags: ['a', 'b'],
			any: { deep: [1, 2] },
		});
		const piped = await runCli(['call', kitchen, 'echo', 'count:=2', '--input', '-', '--json'], {
			env,
			input: '{"text":"piped","count":1}',
		});
		expect(JSON.parse(piped.stdout)).toEqual({ text: 'piped', count: 2 });
	});

	test.each([
		[['nonsense'], /"nonsense" is not an argument/],
		[['count:=oops'], /the value of count is not JSON/],
		[['text=@no-such-file'], /cannot read no-such-file/],
		[['text=a', 'text=b'], /text is given twice/],
		[['--input', 'no-such-file'], /cannot read no-such-file/],
	])('%j is refused', async (words, message) => {
		const { code, stderr } = await call(kitchen, 'echo', ...words);
		expect(stderr).toMatch(message);
		expect(code).toBe(2);
	});
});

describe('bad targets', () => {
	test.each([
		['no-such-folder', 3, /there is no file or folder no-such-folder/],
		['docs', 3, /the folder docs has no plugin in it/],
		['LICENSE', 3, /neither a module nor an executable/],
		[fixture('throwing.ts'), 3, /the module is unwell/],
		[fixture('no-plugin.ts'), 3, /its default export is something else/],
		[fixture('duplicate-tools.ts'), 3, /same/],
		[fixture('bad-schema.ts'), 3, /broken/],
		['http://127.0.0.1:1', 2, /http is no carrier/],
		['quic://127.0.0.1', 2, /it needs a host and a port/],
		['tcp://127.0.0.1:1', 3, /there is no CA in/],
	])('%s exits %i', async (target, exitCode, message) => {
		const lone = { ...env, ORCHESTRA_CERTS_DIR: join(scratch, 'no-certs-here') };
		const { code, stderr, stdout } = await runCli(['call', target, 'tool'], { env: lone });
		expect(stderr).toMatch(message);
		expect(stdout).toBe('');
		expect(code).toBe(exitCode);
	});

	test('a module that does not compile: exit 3, and the place', async () => {
		const file = join(scratch, 'syntax-error.ts');
		writeFileSync(file, 'const fine = 1;\nexport default const;\n');
		const { code, stderr } = await call(file, 'tool');
		expect(stderr).toMatch(/syntax-error\.ts:2:\d+/);
		expect(code).toBe(3);
	});

	test.each([
		[fixture('exits.sh'), /exits\.sh/, /garbage/],
		[fixture('never-ready.sh'), /never-ready\.sh/, /never be ready/],
	])('%s is not ready: exit 4, with its last words', async (target, name, words) => {
		const { code, stderr } = await call(target, 'tool', '--timeout', '3s');
		expect(stderr).toMatch(name);
		expect(stderr).toMatch(words);
		expect(code).toBe(4);
	});

	test('a module that does not finish loading is given up after --timeout', async () => {
		const file = join(scratch, 'never-loads.mjs');
		writeFileSync(
			file,
			'setInterval(() => {}, 1000);\nawait new Promise(() => {});\nexport default undefined;\n',
		);
		const { code, stderr } = await call(file, 'tool', '--timeout', '500ms');
		expect(stderr).toMatch(/never-loads\.mjs did not finish loading within 0\.5 s/);
		expect(code).toBe(3);
	});

	test('a tool that does not exist: exit 2 and the nearest name', async () => {
		const { code, stderr } = await call(kitchen, 'ecko');
		expect(stderr).toContain('there is no tool named ecko');
		expect(stderr).toContain('Did you mean echo?');
		expect(code).toBe(2);
	});

	test.each([
		[[], /orchestra call needs TARGET/],
		[[kitchen, 'echo', '--no-such-flag'], /no-such-flag/],
		[[kitchen, 'echo', '--carrier', 'pigeon'], /pigeon/],
		[[kitchen, 'echo', '--timeout', 'soon'], /"soon" is not a duration/],
		[['quic://127.0.0.1:1', 'echo', '--spawn'], /--spawn starts a process/],
	])('%j exits 2', async (words, message) => {
		const { code, stderr } = await call(...words);
		expect(stderr).toMatch(message);
		expect(code).toBe(2);
	});
});

test('a reader of stdout may leave early', async () => {
	const file = join(scratch, 'pipe');
	await using cli = new RunningCli(['call', kitchen, 'tick', `file=${file}`], { env });
	await cli.until(/"tick":1/);
	cli.child.stdout.destroy();
	expect(await cli.exited).toBe(0);
	expect(readFileSync(file, 'utf8')).toBe('cancelled');
});

test.each([
	[['cal'], 'there is no command cal', 'Did you mean orchestra call?'],
	[['certs', 'lst'], 'there is no command certs lst', 'Did you mean orchestra certs list?'],
	[['zzzzzz'], 'there is no command zzzzzz', 'Run orchestra --help to see the commands.'],
])('%j: exit 2, and what was probably meant', async (words, message, hint) => {
	const { code, stderr } = await runCli(words, { env });
	expect(stderr).toContain(message);
	expect(stderr).toContain(hint);
	expect(code).toBe(2);
});
