import { copyFileSync, existsSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scaffoldRuntimes, templateNames } from '../../../src/toolchain/scaffold/template.ts';
import { denoExecutable } from '../../support/deno.ts';
import { linkCheckout } from '../../support/link-checkout.ts';
import { projectRoot, runCli } from '../../support/run-cli.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { runProgram } from '../run-program.ts';

// Every template with every runtime, as its author meets it: made, tested, type-checked, built, and the build run alone. The
// first is installed with npm; the others link to its node_modules, which has what any of them needs.

const scratch = scratchFolder('templates');
let modules = '';

beforeAll(async () => {
	const { code, stdout, stderr } = await runCli(['init', 'first', '--json'], {
		cwd: scratch,
		timeoutMs: 120_000,
	});
	if (code !== 0) throw new Error(stderr);
	if (JSON.parse(stdout).installed) modules = join(scratch, 'first/node_modules');
});

/** Runs a command of npm's in a folder with the checkout's Deno in PATH. */
function npm(dir: string, ...args: string[]) {
	const deno = dirname(denoExecutable());
	return runProgram('npm', args, { cwd: dir, env: { PATH: `${deno}:${process.env.PATH}` } });
}

test('what npm installed works at once', async ({ skip }) => {
	if (!modules) skip('npm could not install: is there a network?');
	const dir = join(scratch, 'first');
	const call = ['--no-install', 'orchestra', 'call', '.', 'forecast', 'city=Oslo', 'days=2'];
	const { code, stdout } = await runProgram('npx', call, { cwd: dir });
	expect(code).toBe(0);
	expect(JSON.parse(stdout)).toMatchObject({ city: 'Oslo', forecast: [{ day: 1 }, { day: 2 }] });
});

describe.each(scaffoldRuntimes)('on %s', (runtime) => {
	test.each(templateNames)(
		'template %s works as it is',
		async (template) => {
			const id = `${runtime}.${template}`;
			const dir = join(scratch, id);
			const init = ['init', id, '--template', template, '--runtime', runtime, '--no-install', '--json'];
			expect(await runCli(init, { cwd: scratch })).toMatchObject({ code: 0, stderr: '' });
			if (modules) symlinkSync(modules, join(dir, 'node_modules'));
			else linkCheckout(dir);

			// Without npm's install there is no tsx, which the tests on Node need.
			if (modules || runtime === 'deno') {
				const tested = await npm(dir, 'test');
				expect(tested, `${tested.stdout}\n${tested.stderr}`).toMatchObject({ code: 0 });
				expect(tested.stdout).toMatch(runtime === 'deno' ? /[1-9]\d* passed/ : /pass [1-9]/);
			}

			// Checks the types of the plugin and of its test, by the tsconfig.json that was made.
			const built = await runCli(['build', id, '--no-quic', '--json'], { cwd: scratch });
			expect(built).toMatchObject({ code: 0, stderr: '' });
			expect(JSON.parse(built.stdout)).toMatchObject({ id, checked: true, warnings: [] });

			const alone = mkdtempSync(join(scratch, 'alone-'));
			copyFileSync(join(dir, 'dist', `${id}.mjs`), join(alone, 'plugin.mjs'));
			const [command, flags] =
				runtime === 'deno' ? [denoExecutable(), ['run', '-A']] : [process.execPath, []];
			const told = await runProgram(command, [...flags, 'plugin.mjs', '--manifest'], { cwd: alone });
			expect(told).toMatchObject({ code: 0, stderr: '' });
			expect(JSON.parse(told.stdout)).toMatchObject({ id, version: '0.1.0', language: 'typescript' });
		},
		180_000,
	);
});

test('asks for the versions that this checkout is tested with', () => {
	const own = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
	const versions = { ...own.devDependencies, ...own.dependencies };
	for (const runtime of scaffoldRuntimes) {
		const path = join(projectRoot, 'templates', runtime, 'package.json');
		const { dependencies, devDependencies } = JSON.parse(readFileSync(path, 'utf8'));
		for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
			if (name in versions) expect([name, version]).toEqual([name, versions[name]]);
		}
	}
});

test('has no file that npm leaves out of packages', () => {
	expect(existsSync(join(projectRoot, 'templates/shared/gitignore'))).toBe(true);
	// Keys that were exported into the folder are not committed by accident.
	const ignored = readFileSync(join(projectRoot, 'templates/shared/gitignore'), 'utf8').split('\n');
	expect(ignored).toEqual(expect.arrayContaining(['*.pem', '*.key']));
	expect(existsSync(join(projectRoot, 'templates/shared/.gitignore'))).toBe(false);
});
