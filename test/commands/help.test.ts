import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectRoot, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { runProgram } from '../toolchain/run-program.ts';
import { writeFiles } from '../toolchain/write-files.ts';

const scratch = scratchFolder('help');
let env: Record<string, string> = {};

beforeAll(() => {
	env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
	writeFiles(scratch, {
		'plugin.mjs': `import { createPlugin } from 'orchestra-toolchain';
			const task = { type: 'object', required: ['title', 'kind', 'days'], properties: {
				title: { type: 'string', minLength: 3, maxLength: 80, description: 'What is to be done.' },
				kind: { $ref: '#/$defs/Kind' }, days: { type: 'integer', minimum: 2, maximum: 14 },
				rate: { type: 'number', minimum: 0, exclusiveMinimum: true, default: 1.5 },
				mail: { type: 'string', format: 'email', pattern: '@' }, tags: { type: 'array', items: { type: 'string' }, uniqueItems: true, maxItems: 3 },
			}, $defs: { Kind: { enum: ['chore', 'fun'] } } };
			export default createPlugin('desk').registerTool('add', { description: 'Adds a task.', input: task }, (args) => args)
				.registerTool('none', { description: 'Takes nothing.' }, () => 1).build();`,
	});
});

const run = (...words: string[]) => runCli(words, { cwd: scratch, env });

test('the first page has examples, all commands, the exit codes, and where more stands', async () => {
	const { code, stdout, stderr } = await run('--help');
	expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
	expect(await run('-h')).toEqual({ code, stdout, stderr });
	expect(await run('help')).toEqual({ code, stdout, stderr });
	const commands = readdirSync(join(projectRoot, 'src/commands'), { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.ts') && !/^(events|schema|mcp|(?:cluster|exec)[/\\])/.test(name))
		.map((name) => name.replace('.ts', '').replace(/[/\\\\]/, ' '));
	expect(commands.length).toBeGreaterThan(20);
	for (const name of commands) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
	for (const text of ['EXAMPLES', 'orchestra init weather', 'Exit codes: 0 done', 'README.md and docs/']) {
		expect(stdout).toContain(text);
	}
});

test('a command says the same with -h, --help and help', async () => {
	const shown = await run('call', '--help');
	expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/USAGE[\s\S]*EXAMPLES/) });
	expect(await run('call', '-h')).toEqual(shown);
	expect(await run('help', 'call')).toEqual(shown);
});

describe('a tool', () => {
	test('is listed with its signature', async () => {
		const { code, stdout } = await run('call', '.');
		expect(code).toBe(0);
		expect(stdout).toContain('add title=<string> kind=<"chore" | "fun"> days=<integer 2–14> [rate=<number>]');
		expect(stdout).toContain('orchestra call . add --help');
	});

	test('is shown with types, defaults and constraints, and an example that works', async () => {
		const { code, stdout } = await run('call', '.', 'add', '--help');
		expect(code).toBe(0);
		for (const line of [
			/title +string +required, characters at least 3, characters at most 80/,
			/What is to be done\./,
			/kind +"chore" \| "fun" +required/,
			/days +integer +required, at least 2, at most 14/,
			/rate +number +default 1\.5, more than 0/,
			/mail +string +optional, matches @, format email/,
			/tags +string\[\] +optional, items at most 3, no item twice/,
		]) {
			expect(stdout).toMatch(line);
		}
		expect((await run('inspect', '.', 'add')).stdout).toBe(stdout);
		const example = /^ +orchestra (call \. add .*)$/m.exec(stdout)?.[1] ?? '';
		const line = `'${process.execPath}' '${join(projectRoot, 'bin/orchestra.js')}' ${example} --json`;
		const done = await runProgram('/bin/sh', ['-c', line], { cwd: scratch, env });
		expect(done, example).toMatchObject({ code: 0, stderr: '' });
		expect(JSON.parse(done.stdout)).toMatchObject({ kind: 'chore', days: 2 });
	});
});

test('nothing that is printed or made asks npx for a package that somebody else may own', () => {
	for (const folder of ['src', 'templates']) {
		for (const name of readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })) {
			if (!/\.(tsx?|json|txt)$/.test(name)) continue;
			expect(readFileSync(join(projectRoot, folder, name), 'utf8'), name).not.toMatch(
				/npx (-\S+ )*orchestra/,
			);
		}
	}
});
