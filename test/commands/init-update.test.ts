import {
	chmodSync,
	cpSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { scaffoldFiles } from '../../src/toolchain/scaffold/scaffold-files.ts';
import { projectRoot, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { runProgram } from '../toolchain/run-program.ts';
import { writeFiles } from '../toolchain/write-files.ts';

// Projects that an older toolchain has made, worked on, and brought up to date. Both toolchains are installations of their own: what is
// built here, and a later one, whose templates have gone on.

const scratch = scratchFolder('init-update');
let project = '';
let count = 0;

beforeAll(() => {
	for (const version of ['0.1.0', '0.2.0']) makeToolchain(version);
	const later = join(scratch, '0.2.0/templates');
	const version = readdirSync(join(later, 'was')).length + 1;
	/** Changes a file of the templates, and keeps what it was; undefined for one that is new, or that goes. */
	const change = (name: string, edit: (text: string | undefined) => string | undefined) => {
		const path = join(later, name);
		const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
		const after = edit(before);
		const kept = before === undefined ? { [`${name}.absent`]: '' } : { [`${name}.txt`]: before };
		writeFiles(join(later, 'was', String(version)), kept);
		if (after === undefined) rmSync(path);
		else writeFiles(later, { [name]: after });
	};
	change('tool/plugin.ts', (text) => text?.replace('Tells the weather of a few cities.', 'Tells weather.'));
	change('node/package.json', (text) =>
		text?.replace('"zod": "^4.6.7"', '"zod": "^5.0.0"').replace('"tsc --noEmit"', '"tsc"'),
	);
	change('shared/readme.txt', (text) => text?.replace('npm install          # once', 'npm ci  # once'));
	change('shared/editorconfig.txt', () => '[*]\nindent_style = tab\n');
	change('tool/plugin.cases.yaml', () => undefined);
	change('tool/plugin.test.ts', (text) => text?.replace('forecasts three days', 'forecasts 3 days'));
});

beforeEach(() => {
	project = join(scratch, `weather-${++count}`);
});

/** An installation of its own: no sources beside it. */
function makeToolchain(version: string): void {
	const root = join(scratch, version);
	mkdirSync(root);
	for (const name of ['bin', 'dist', 'templates']) {
		cpSync(join(projectRoot, name), join(root, name), { recursive: true });
	}
	symlinkSync(join(projectRoot, 'node_modules'), join(root, 'node_modules'));
	for (const name of ['package.json', 'oclif.manifest.json']) {
		const own = JSON.parse(readFileSync(join(projectRoot, name), 'utf8'));
		writeFileSync(join(root, name), JSON.stringify({ ...own, version }));
	}
}

const toolchain = (version: string, ...words: string[]) =>
	runProgram(process.execPath, [join(scratch, version, 'bin/orchestra.js'), 'init', ...words], {
		cwd: scratch,
	});
const older = (...words: string[]) => toolchain('0.1.0', ...words);
const newer = (...words: string[]) => toolchain('0.2.0', ...words);
const text = (name: string) => readFileSync(join(project, name), 'utf8');
const edit = (name: string, work: (text: string) => string) =>
	writeFileSync(join(project, name), work(text(name)));
const contents = () => Object.fromEntries(readdirSync(project).map((name) => [name, text(name)]));
const make = () => older(project, '--id', 'weather', '--no-install');

describe('what an older toolchain has made', () => {
	test('untouched, it becomes what the newer one makes', async () => {
		expect(await make()).toMatchObject({ code: 0 });
		expect(JSON.parse(text('package.json')).orchestra.scaffold).toMatchObject({
			template: 'tool',
			runtime: 'node',
			id: 'weather',
		});
		chmodSync(join(project, 'plugin.ts'), 0o600);
		const { code, stdout } = await newer('--update', project);
		expect(code).toBe(0);
		expect(stdout).toContain("-\t.description('Tells the weather of a few cities.')");
		expect(stdout).toContain("+\t.description('Tells weather.')");
		expect(stdout).toMatch(/✔ Updated\n\n {2}npm install/);
		expect(statSync(join(project, 'plugin.ts')).mode & 0o777).toBe(0o600);
		const updated = contents();
		rmSync(project, { recursive: true });
		await newer(project, '--id', 'weather', '--no-install');
		expect(updated).toEqual(contents());
		expect(await newer('--update', project)).toMatchObject({
			code: 0,
			stdout: 'weather is as its template has it now.\n',
		});
	});

	test("the author's own changes stay, and the template's come to them", async () => {
		await make();
		edit('plugin.ts', (code) => code.replace('low: 22', 'low: 23'));
		edit('package.json', (json) => {
			const document = JSON.parse(json);
			document.dependencies = { 'left-pad': '1.3.0', zod: document.dependencies.zod };
			document.scripts.deploy = 'rsync dist/ there:';
			return JSON.stringify(document, null, 4);
		});
		rmSync(join(project, 'plugin.test.ts'));
		edit('plugin.cases.yaml', (yaml) => `${yaml}  # mine\n`);
		const before = contents();
		const shown = await newer('--update', project, '--dry-run', '--json');
		expect(shown.code).toBe(0);
		expect(JSON.parse(shown.stdout)).toMatchObject({
			id: 'weather',
			updated: false,
			changes: [
				{ file: 'README.md', action: 'change' },
				{ file: 'editorconfig.txt', action: 'add' },
				{ file: 'package.json', action: 'change' },
				{ file: 'plugin.ts', action: 'change', diff: expect.stringContaining('+\t.description') },
			],
			conflicts: [],
			kept: [
				expect.stringMatching(/^plugin\.cases\.yaml stays: you have changed it/),
				expect.stringMatching(/^plugin\.test\.ts stays away/),
			],
		});
		expect(contents()).toEqual(before);

		expect(await newer('--update', project, '--json')).toMatchObject({ code: 0 });
		expect(text('plugin.ts')).toMatch(/low: 23[\s\S]*Tells weather/);
		expect(text('package.json')).toMatch(/^\{\n {4}"name"/);
		const { dependencies, devDependencies, scripts, orchestra } = JSON.parse(text('package.json'));
		expect(dependencies).toEqual({ 'left-pad': '1.3.0', zod: '^5.0.0' });
		expect(devDependencies['orchestra-toolchain']).toBe('^0.2.0');
		expect(scripts).toMatchObject({ deploy: 'rsync dist/ there:', check: 'tsc' });
		expect(orchestra.scaffold.version).toBe(JSON.parse(shown.stdout).to);
		expect(existsSync(join(project, 'plugin.test.ts'))).toBe(false);
		expect(text('plugin.cases.yaml')).toContain('# mine');
	});

	test('what both have changed is shown, left to the author, and put beside it', async () => {
		await make();
		edit('README.md', (readme) => readme.replace('npm install          # once', 'pnpm install'));
		edit('package.json', (json) => json.replace('"tsc --noEmit"', '"tsc --noEmit --pretty"'));
		writeFileSync(join(project, 'editorconfig.txt'), 'mine');
		const { code, stdout, stderr } = await newer('--update', project);
		expect(code).toBe(3);
		expect(stdout).toContain('! README.md: you and the template have changed the same; yours stays');
		expect(stdout).toContain('scripts.check: yours is "tsc --noEmit --pretty", the template\'s "tsc"');
		expect(stderr).toMatch(/3 files are changed .*\n→ Yours stay\. .*README\.md\.new.*package\.json\.new/);
		expect(text('README.md')).toContain('\npnpm install\n');
		expect(text('README.md.new')).toMatch(
			/<<<<<<< yours\npnpm install\n\|{7} [^\n]*\nnpm install .*\n=======\nnpm ci .*\n>>>>>>> version \d+ of the template\n/,
		);
		expect(JSON.parse(text('package.json')).scripts.check).toBe('tsc --noEmit --pretty');
		expect(JSON.parse(text('package.json')).dependencies.zod).toBe('^5.0.0');
		expect(JSON.parse(text('package.json.new')).scripts.check).toBe('tsc');
		expect([text('editorconfig.txt'), text('editorconfig.txt.new')]).toEqual([
			'mine',
			'[*]\nindent_style = tab\n',
		]);
		// It is done: a second time there is nothing to do.
		expect(await newer('--update', project)).toMatchObject({ code: 0 });
	});

	test('what an update before has put there is not written over', async () => {
		await make();
		edit('README.md', (readme) => readme.replace('npm install          # once', 'pnpm install'));
		writeFileSync(join(project, 'README.md.new'), 'from before');
		const before = contents();
		const { code, stderr } = await newer('--update', project);
		expect({ code, stderr }).toEqual({
			code: 2,
			stderr: expect.stringMatching(/README\.md\.new is still there .*\n→ .*Nothing was changed/),
		});
		expect(contents()).toEqual(before);
	});

	test('line ends of a system, and a package that the author has chosen, stay as they are', async () => {
		await make();
		edit('plugin.ts', (code) => code.replace('low: 22', 'low: 23').replaceAll('\n', '\r\n'));
		edit('package.json', (json) => json.replace('"^0.1.0"', '"git+https://example.com/own.git"'));
		expect(await newer('--update', project)).toMatchObject({ code: 0 });
		expect(text('plugin.ts').replaceAll('\r\n', '')).not.toContain('\n');
		expect(text('plugin.ts')).toMatch(/low: 23[\s\S]*Tells weather/);
		expect(JSON.parse(text('package.json')).devDependencies['orchestra-toolchain']).toContain('own.git');
	});
});

test('a newer one says that this is too old for it', async () => {
	await newer(project, '--no-install');
	expect(await older('--update', project)).toMatchObject({
		code: 3,
		stderr: expect.stringMatching(/is at version \d+ of the templates.*\n→ Update orchestra-toolchain/),
	});
});

test.each([
	['where there is nothing', {}, 3, 'package.json is not there'],
	['whose package.json is broken', { 'package.json': '{' }, 3, 'cannot be read'],
	['that nobody made', { 'package.json': '{"name":"x"}', 'plugin.ts': 'export {}' }, 3, '--template tool, '],
])('a folder %s is refused', async (_what, files, code, words) => {
	writeFiles(project, files);
	mkdirSync(project, { recursive: true });
	expect(await runCli(['init', '--update', project])).toMatchObject({
		code,
		stderr: expect.stringContaining(words),
	});
	expect(readdirSync(project).sort()).toEqual(Object.keys(files).sort());
});

test.each([
	[['--dry-run'], /--update/],
	[['--update', '--template', 'streaming'], /was made with template tool, not streaming/],
])('%j is refused', async (words, message) => {
	await make();
	expect(await runCli(['init', project, ...words])).toMatchObject({
		code: 2,
		stderr: expect.stringMatching(message),
	});
});

test('one from before there was a record is found by its files', async () => {
	const files = scaffoldFiles({
		dir: project,
		id: 'acme.old',
		template: 'events',
		runtime: 'deno',
		version: 1,
	});
	expect(files.get('package.json')).not.toContain('"orchestra":');
	writeFiles(project, Object.fromEntries(files));
	const { code, stdout } = await runCli(['init', '--update', project, '--json']);
	expect(code).toBe(0);
	expect(JSON.parse(stdout)).toMatchObject({
		id: 'acme.old',
		template: 'events',
		runtime: 'deno',
		from: 1,
		updated: true,
		conflicts: [],
		next: [],
	});
	expect(contents()).toEqual(
		Object.fromEntries(scaffoldFiles({ dir: project, id: 'acme.old', template: 'events', runtime: 'deno' })),
	);
});
