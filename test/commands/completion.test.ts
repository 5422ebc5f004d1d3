import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { splitLine } from '../../src/cli/completion/split-line.ts';
import { projectRoot, RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeFiles } from '../toolchain/write-files.ts';

const scratch = scratchFolder('completion');
let env: Record<string, string> = {};

beforeAll(async () => {
	mkdirSync(join(scratch, 'bin'));
	symlinkSync(join(projectRoot, 'bin/orchestra.js'), join(scratch, 'bin/orchestra'));
	env = {
		ORCHESTRA_CERTS_DIR: join(scratch, 'certs'),
		ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
		ORCHESTRA_HOME: join(scratch, 'home'),
		PATH: `${join(scratch, 'bin')}:${process.env.PATH}`,
	};
	const source = `import { createPlugin } from 'orchestra-toolchain';
		console.log('loaded');
		const input = { type: 'object', properties: { city: { type: 'string', description: 'Where.' }, unit: { enum: ['metric', 'old english'] }, dry: { type: 'boolean' }, tag: { type: 'array', items: { type: 'string' } } } };
		export default createPlugin('sky').registerTool('forecast', { description: 'The weather.', input }, () => 1)
			.registerTool('forget', { description: 'Forgets it.' }, () => 1)
			.registerPrompt('explain', { description: 'Explains.', arguments: [{ name: 'words', description: 'What.' }] }, () => 'x').build();`;
	writeFiles(scratch, { 'sky/plugin.mjs': source, 'new/plugin.mjs': source, 'sky notes.txt': '' });
	expect(await runCli(['call', 'sky', 'forget'], { cwd: scratch, env })).toMatchObject({ code: 0 });
});

/** What bash has in COMPREPLY after Tab at the end of a line: nothing where the answer comes too late to be of use. */
function inBash(line: string, cwd = scratch): string[] {
	const script = `eval "$(orchestra completion bash)"
		line=$1; COMP_LINE=$line; COMP_POINT=\${#line}
		type compopt >/dev/null
		compopt() { :; }
		# What readline hands over as the word: behind the last character that breaks words.
		word=\${line##*[[:space:]=:]}
		_orchestra orchestra "$word" ''
		printf '%s\\n' "\${COMPREPLY[@]}"`;
	const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script, 'bash', line], {
		cwd,
		env: { ...process.env, ...env },
		encoding: 'utf8',
	});
	expect(stderr).toBe('');
	return stdout.split('\n').filter((text) => text !== '');
}

describe('in bash', () => {
	test.each<[string, string[]]>([
		['orchestra insp', ['inspect']],
		['orchestra certs re', ['renew', 'revoke']],
		['orchestra help even', ['events']],
		['orchestra test . --onl', ['--only']],
		['orchestra init x --tem', ['--template']],
		['orchestra init x --template st', ['streaming', 'storage']],
		['orchestra init x --runtime=d', ['deno']],
		['orchestra completion ', ['bash', 'zsh', 'fish']],
		['orchestra call sky fore', ['forecast']],
		['orchestra call --verbose sky fo', ['forecast', 'forget']],
		['orchestra inspect sky forg', ['forget']],
		['orchestra call sky forecast ', ['city=', 'unit=', 'dry=', 'tag=']],
		['orchestra call sky forecast city=Oslo tag=a ', ['unit=', 'dry=', 'tag=']],
		['orchestra call sky forecast unit=', ['metric', 'old\\ english']],
		['orchestra call sky forecast dry=t', ['true']],
		['orchestra prompt sky ', ['explain']],
		['orchestra prompt sky explain w', ['words=']],
		['orchestra call sk', ['sky', 'sky notes.txt']],
		['orchestra call sky forecast --input sky/', ['sky/plugin.mjs']],
		['orchestra call nowhere fo', []],
		['orchestra zzz ', []],
	])('%s', async (line, expected) => {
		await expect.poll(() => inBash(line).sort()).toEqual([...expected].sort());
	});

	test('runs no plugin that was never run as it is, and starts and writes nothing', () => {
		const before = readdirSync(scratch, { recursive: true }).sort();
		expect(inBash('orchestra call new fo')).toEqual([]);
		expect(inBash('orchestra call quic://127.0.0.1:1 fo')).toEqual([]);
		expect(readdirSync(scratch, { recursive: true }).sort()).toEqual(before);
		writeFileSync(join(scratch, 'bare'), '');
		expect(inBash('orchestra call ./bare fo')).toEqual([]);
	});

	test('asks a running server, with the certificate that is there', async () => {
		await using server = new RunningCli(['serve', 'sky', '--listen', 'tcp://127.0.0.1:0', '--json'], {
			cwd: scratch,
			env,
		});
		const [address = ''] = await server.until(/tcp:\/\/127\.0\.0\.1:\d+/);
		expect(inBash(`orchestra call ${address} fo`)).toEqual([]);
		expect(await runCli(['call', address, 'forget'], { cwd: scratch, env })).toMatchObject({ code: 0 });
		await expect.poll(() => inBash(`orchestra call ${address} fore`)).toEqual(['forecast']);
		await expect.poll(() => inBash('orchestra certs show cl')).toEqual(['cli']);
	});
});

const shells = { zsh: ['zsh', '-n'], fish: ['fish', '--no-execute'] } as const;
describe.each(['zsh', 'fish'] as const)('in %s', (shell) => {
	const [program, flag] = shells[shell];
	const missing = spawnSync(program, ['--version']).error !== undefined;
	test.skipIf(missing)(`its script is read (with ${shell})`, async () => {
		const { stdout } = await runCli(['completion', shell]);
		const file = join(scratch, `script.${shell}`);
		writeFileSync(file, stdout);
		expect(spawnSync(program, [flag, file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
	});

	test('is answered with what each word is', async () => {
		const answered = { code: 0, stdout: 'forecast\tThe weather.\n', stderr: '' };
		const complete = () => runCli(['complete', shell, 'call', 'sky', 'fore'], { cwd: scratch, env });
		await expect.poll(complete).toEqual(answered);
	});
});

test('a shell that is none of the three is an error that says which there are', async () => {
	const { code, stdout, stderr } = await runCli(['completion', 'powershell']);
	expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
	expect(stderr).toMatch(/no completion for the shell powershell[\s\S]*bash, zsh and fish/);
	expect((await runCli(['completion', 'bsh'])).stderr).toContain('Did you mean bash?');
});

test('a line is split as a shell does it, with an open quote at its end', () => {
	expect(splitLine(`orchestra call 'my dir' a\\ b "x y`)).toEqual({
		words: ['orchestra', 'call', 'my dir', 'a b', 'x y'],
		typed: '"x y',
	});
	expect(splitLine('orchestra call ')).toEqual({ words: ['orchestra', 'call', ''], typed: '' });
});
