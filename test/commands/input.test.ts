import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const kitchen = 'test/commands/fixtures/kitchen.ts';
const scratch = scratchFolder('input');
const env: Record<string, string> = {
	ORCHESTRA_CERTS_DIR: join(scratch, 'certs'),
	ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
};

/** Runs a line of a shell, where `$O` is the executable. */
function shell(line: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
	const O = `'${process.execPath}' '${join(projectRoot, 'bin/orchestra.js')}'`;
	return new Promise((resolve) => {
		const child = spawn('/bin/sh', ['-c', line.replaceAll('$O', O)], {
			cwd: projectRoot,
			env: { ...process.env, NO_COLOR: '1', CI: '1', ...env },
			stdio: ['ignore', 'pipe', 'pipe'],
			timeout: 60_000,
		});
		let [stdout, stderr] = ['', ''];
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			stdout += text;
		});
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			stderr += text;
		});
		child.on('close', (code) => resolve({ code, stdout, stderr }));
	});
}

describe('standard input', () => {
	test.each([
		[
			'a writer that is slow',
			`(sleep 0.5; printf '{"text"'; sleep 0.5; printf ':"slow"}') | $O call ${kitchen} echo --input - --json`,
			'slow',
		],
		[
			'a pipe that does not block',
			`'${process.execPath}' -e 'setTimeout(() => console.log(JSON.stringify({ text: "late" })), 500)' | $O call ${kitchen} echo --input - --json`,
			'late',
		],
		['a text', `printf 'a text' | $O call ${kitchen} echo text=@- --json`, 'a text'],
	])('%s', async (_name, line, text) => {
		const { code, stdout, stderr } = await shell(line);
		expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
		expect(JSON.parse(stdout)).toEqual({ text });
	});

	test('a pipe that somebody else made non-blocking', async () => {
		// The writer's end is a pipe of Node's, which sets O_NONBLOCK on it and on ours.
		const child = spawn(
			process.execPath,
			[join(projectRoot, 'bin/orchestra.js'), 'call', kitchen, 'echo', '--input', '-', '--json'],
			{
				cwd: projectRoot,
				env: { ...process.env, ...env },
				stdio: ['pipe', 'pipe', 'inherit'],
			},
		);
		let stdout = '';
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			stdout += text;
		});
		const ended = new Promise((resolve) => child.on('close', resolve));
		child.stdin.write('{"text":');
		setTimeout(() => child.stdin.end('"x"}'), 700);
		expect(await ended).toBe(0);
		expect(JSON.parse(stdout)).toEqual({ text: 'x' });
	});

	test('is never read for a missing argument', async () => {
		for (const words of [
			['certs', 'init'],
			['certs', 'issue', 'web'],
		])
			expect((await runCli(words, { env })).code).toBe(0);
		for (const line of [
			'echo web | $O certs revoke',
			'echo web | $O certs show',
			`echo ${kitchen} | $O inspect`,
			'echo web | $O certs issue',
		]) {
			const { code, stderr } = await shell(line);
			expect({ line, code }, stderr).toMatchObject({ code: 2 });
		}
		expect(
			existsSync(join(scratch, 'certs', 'revoked.json')) || existsSync(join(scratch, 'certs', 'ca.crl')),
		).toBe(false);
		expect((await runCli(['certs', 'verify', 'web'], { env })).code).toBe(0);
	});

	test('is not read twice', async () => {
		expect(await shell(`echo '{}' | $O call ${kitchen} echo --input - text=@-`)).toMatchObject({
			code: 2,
			stderr: expect.stringContaining('asked for twice'),
		});
	});
});

describe('files', () => {
	test('that are no text in UTF-8 are refused', async () => {
		const file = join(scratch, 'latin1.txt');
		writeFileSync(file, Buffer.from([0x67, 0xfc, 0x6e]));
		const { code, stderr } = await runCli(['call', kitchen, 'echo', `text=@${file}`], { env });
		expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('no text in UTF-8') });
	});

	test('in JSON may begin with a byte order mark', async () => {
		const file = join(scratch, 'mark.json');
		writeFileSync(file, '\ufeff{"text":"x"}');
		for (const words of [['--input', file], [`any:=@${file}`]]) {
			expect((await runCli(['call', kitchen, 'echo', ...words], { env })).code).toBe(0);
		}
	});

	test('with a number that would change are refused', async () => {
		const file = join(scratch, 'large.json');
		writeFileSync(file, '{"count": 9007199254740993}');
		const { code, stderr } = await runCli(['call', kitchen, 'echo', '--input', file], { env });
		expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('9007199254740992') });
	});
});

test('an argument that the tool does not have is refused, or passed with --allow-unknown', async () => {
	const words = ['call', kitchen, 'greet', 'name=Ada', 'nam=Bo'];
	expect(await runCli(words, { env })).toMatchObject({
		code: 2,
		stderr: expect.stringContaining('Did you mean name?'),
	});
	expect(await runCli([...words, '--allow-unknown'], { env })).toMatchObject({
		code: 0,
		stdout: 'hello Ada\n',
	});
});

describe('a word that comes again', () => {
	test.each([
		['read directly', []],
		['read by the command framework', ['-v']],
	])('stays where it stands, %s', async (_, flags) => {
		const words = ['tags=x', 'tags=y', 'tags=x'];
		const { stdout } = await runCli(['call', kitchen, 'echo', ...words, '--json', ...flags], { env });
		expect(JSON.parse(stdout)).toMatchObject({ tags: ['x', 'y', 'x'] });
	});
});
