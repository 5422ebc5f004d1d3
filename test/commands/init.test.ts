import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { scaffoldFiles } from '../../src/toolchain/scaffold/scaffold-files.ts';
import { patienceMs } from '../support/patience.ts';
import { projectRoot, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeFiles } from '../toolchain/write-files.ts';

// What the made plugins are worth is tested in test/toolchain/scaffold/templates.test.ts.

const folders = scratchFolder('init');
let scratch = '';

beforeEach(() => {
	scratch = mkdtempSync(join(folders, 'case-'));
});

const init = (...words: string[]) => runCli(['init', ...words], { cwd: scratch });

const files = [
	'.gitignore',
	'README.md',
	'package.json',
	'plugin.cases.yaml',
	'plugin.test.ts',
	'plugin.ts',
	'tsconfig.json',
];

describe('without a terminal', () => {
	test('takes the defaults and says what to do next', async () => {
		const { code, stdout, stderr } = await init('my weather', '--no-install');
		expect({ code, stderr }).toEqual({
			code: 0,
			stderr: 'The id is my-weather: my weather cannot be one. --id names another.\n',
		});
		expect(stdout).toContain('Made plugin my-weather in my weather');
		expect(stdout).toContain("  cd 'my weather'\n  npm install");
		expect(readdirSync(join(scratch, 'my weather')).sort()).toEqual(files);
		expect(readFileSync(join(scratch, 'my weather/plugin.ts'), 'utf8')).toContain(
			"createPlugin('my-weather')",
		);
	});

	test('prints one document with --json', async () => {
		const { code, stdout, stderr } = await init(
			'x/y',
			'--no-install',
			'--json',
			'--id=Acme.Y',
			'--template=events',
			'--runtime=deno',
		);
		expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
		expect(JSON.parse(stdout)).toEqual({
			dir: join(scratch, 'x/y'),
			id: 'Acme.Y',
			template: 'events',
			runtime: 'deno',
			files: [...files, 'deno.json'].sort(),
			installed: false,
			next: [
				'cd x/y',
				'npm install --ignore-scripts --no-audit --no-fund',
				'npm run call -- report task=paint person=Ada',
				'deno task test',
				'npm run build',
			],
			warnings: [],
		});
		const { name } = JSON.parse(readFileSync(join(scratch, 'x/y/package.json'), 'utf8'));
		expect(name).toBe('acme.y');
	});

	test('leaves no placeholder in any file', async () => {
		for (const runtime of ['node', 'deno']) {
			await init(runtime, '--no-install', '--runtime', runtime);
			for (const name of readdirSync(join(scratch, runtime))) {
				expect(readFileSync(join(scratch, runtime, name), 'utf8')).not.toMatch(/__[A-Z]+__/);
			}
		}
	});

	test('works in the folder that it is run in, beside .git', async () => {
		mkdirSync(join(scratch, '.git'));
		expect(await init('--no-install', '--id', 'here')).toMatchObject({ code: 0 });
		expect(readdirSync(scratch).sort()).toEqual(['.git', ...files].sort());
	});

	test('refuses a folder with something in it, by name, and leaves it alone', async () => {
		writeFileSync(join(scratch, 'thesis.txt'), 'mine');
		const { code, stdout, stderr } = await init('--json');
		expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
		expect(JSON.parse(stderr).error).toMatchObject({
			code: 'directory_not_empty',
			message: expect.stringContaining('thesis.txt'),
			details: { found: ['thesis.txt'] },
		});
		expect(readdirSync(scratch)).toEqual(['thesis.txt']);
	});

	test.each([
		['an id that is none', ['x', '--id', '../x'], 'cannot name'],
		['an unknown template', ['x', '--template', 'nope'], 'nope'],
		['a folder without a usable name', ['日本'], '--id my.plugin'],
	])('refuses %s and makes nothing', async (_what, words, text) => {
		const { code, stderr } = await init(...words);
		expect(code).toBe(2);
		expect(stderr).toContain(text);
		expect(readdirSync(scratch)).toEqual([]);
	});

	test('keeps the plugin where npm fails, and says what to run', async () => {
		const npm = { npm_config_offline: 'true', npm_config_cache: join(scratch, 'no-cache') };
		const { code, stdout, stderr } = await runCli(['init', 'x'], {
			cwd: scratch,
			env: npm,
			timeoutMs: 60_000,
		});
		expect(code).toBe(0);
		expect(stderr).toMatch(/dependencies are not installed \(.+\)\. Later, run: npm install/);
		expect(stdout).toContain('npm install --ignore-scripts');
		expect(readdirSync(join(scratch, 'x'))).toEqual(expect.arrayContaining(files));
	});
});

test('says so where there is no deno to develop it with', async () => {
	const env = { PATH: join(scratch, 'nothing') };
	const { code, stderr } = await runCli(['init', 'x', '--no-install', '--runtime', 'deno'], {
		cwd: scratch,
		env,
	});
	expect({ code, stderr }).toEqual({
		code: 0,
		stderr: expect.stringMatching(/no deno in the PATH.*https:\/\/deno\.com/),
	});
	const { stdout } = await runCli(['init', 'y', '--no-install', '--runtime', 'deno', '--json'], {
		cwd: scratch,
		env,
	});
	expect(JSON.parse(stdout).warnings).toEqual([expect.stringContaining('no deno')]);
	expect(await runCli(['call', 'x', 'greet', 'name=Ada', '--spawn'], { cwd: scratch, env })).toMatchObject({
		code: expect.toSatisfy((exit) => exit > 1),
		stderr: expect.stringMatching(/deno[\s\S]*→/),
	});
});

test.each([
	['node', 'echo v18.20.4', /The node in the PATH is 18\.20\.4, and the plugin needs >=20\.19.*nvm install/],
	['deno', 'echo deno 2.3.1', /Deno 2\.3\.1 is older than 2\.9\.0.*deno upgrade/],
	['deno', 'exit 1', /bin\/deno does not say its version/],
])('says so where %s is too old: %s', async (runtime, script, message) => {
	writeFiles(scratch, { [`bin/${runtime}`]: `#!/bin/sh\n${script}\n` });
	chmodSync(join(scratch, 'bin', runtime), 0o755);
	const { code, stderr } = await runCli(['init', 'x', '--no-install', '--runtime', runtime], {
		cwd: scratch,
		env: { PATH: join(scratch, 'bin') },
	});
	expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(message) });
});

const pty = spawnSync('script', ['--version']).status === 0 && process.platform === 'linux';

/** The command in a terminal of 90 columns. */
class Terminal implements AsyncDisposable {
	readonly #child: ChildProcessWithoutNullStreams;
	readonly exited: Promise<number | null>;
	text = '';
	#told = () => {};
	#over = false;

	constructor(command: string) {
		const { CI: _ci, ...env } = process.env;
		this.#child = spawn('script', ['-qec', `stty cols 90 rows 30; exec ${command}`, '/dev/null'], {
			cwd: scratch,
			env: { ...env, TERM: 'xterm', NO_COLOR: '1', SHELL: '/bin/sh' },
		});
		this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
			this.text += text;
			this.#told();
		});
		this.exited = new Promise((resolve) => {
			this.#child.on('close', (code) => {
				this.#over = true;
				resolve(code);
				this.#told();
			});
		});
	}

	/** Waits for a text behind that of the last call, then types. */
	async answer(question: string | RegExp, keys: string): Promise<void> {
		const timer = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
		while (this.#behind(question) === undefined) {
			if (this.#over) throw new Error(`never asked ${question}: ${this.text}`);
			await new Promise<void>((resolve) => {
				this.#told = resolve;
			});
		}
		clearTimeout(timer);
		this.text = this.#behind(question) ?? '';
		this.#child.stdin.write(keys);
	}

	/** The text behind a question; undefined while that is not asked. */
	#behind(question: string | RegExp): string | undefined {
		const asked = typeof question === 'string' ? question : question.exec(this.text)?.[0];
		if (asked === undefined || !this.text.includes(asked)) return undefined;
		return this.text.slice(this.text.indexOf(asked) + asked.length);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#child.kill('SIGKILL');
		await this.exited;
	}
}

const enter = '\r';
const down = '\x1b[B';
const ctrlC = '\x03';

describe.skipIf(!pty)('on a terminal (with script of util-linux)', () => {
	const command = `'${process.execPath}' '${join(projectRoot, 'bin/orchestra.js')}' init`;

	test('asks for what is missing', async () => {
		await using terminal = new Terminal(`${command} --no-install`);
		await terminal.answer('Folder of the new plugin', `made${enter}`);
		await terminal.answer('Its id', `made.too${enter}`);
		await terminal.answer('What it has', down + enter);
		await terminal.answer('Developed with', down + enter);
		expect(await terminal.exited).toBe(0);
		expect(terminal.text).toContain('Made plugin made.too in made');
		expect(readdirSync(join(scratch, 'made'))).toContain('deno.json');
		expect(readFileSync(join(scratch, 'made/plugin.ts'), 'utf8')).toContain("createPlugin('made.too')");
		expect(readFileSync(join(scratch, 'made/plugin.ts'), 'utf8')).toContain('registerStreamingTool');
	});

	test('says at once what is wrong with an answer', async () => {
		writeFileSync(join(scratch, 'file'), '');
		await using terminal = new Terminal(`${command} --no-install --template tool --runtime node`);
		await terminal.answer('Folder of the new plugin', `file${enter}`);
		await terminal.answer('is a file, not a folder', `2${enter}`);
		await terminal.answer('Its id', enter);
		expect(await terminal.exited).toBe(0);
		expect(readdirSync(scratch).sort()).toEqual(['file', 'file2']);
	});

	test('Ctrl-C makes nothing', async () => {
		await using terminal = new Terminal(`${command} made`);
		await terminal.answer('Its id', ctrlC);
		expect(await terminal.exited).toBe(130);
		expect(readdirSync(scratch)).toEqual([]);
	});

	test.each([
		['a new folder is gone, with those above it', 'deep/made'],
		['one that was there is as it was', 'here'],
		['an npm that does not listen is ended', 'deep/made', "trap '' INT TERM\n"],
	])('Ctrl-C while npm installs: %s', async (_what, dir, stays = '') => {
		const npm = join(scratch, 'bin/npm');
		mkdirSync(join(scratch, 'bin'));
		mkdirSync(join(scratch, 'here/.git'), { recursive: true });
		writeFileSync(
			npm,
			`#!/bin/sh\n${stays}mkdir node_modules && echo > node_modules/half && echo > package-lock.json\necho npm is at it > /dev/tty\nexec sleep 60\n`,
		);
		chmodSync(npm, 0o755);
		await using terminal = new Terminal(`env PATH='${join(scratch, 'bin')}':"$PATH" ${command} ${dir} --yes`);
		await terminal.answer('npm is at it', ctrlC);
		expect(await terminal.exited).toBe(130);
		expect(terminal.text).toMatch(/the install was interrupted: nothing was made/);
		expect(readdirSync(scratch).sort()).toEqual(['bin', 'here']);
		expect(readdirSync(join(scratch, 'here'))).toEqual(['.git']);
	});

	test('says what npm is at, and for how long', async () => {
		mkdirSync(join(scratch, 'bin'));
		writeFileSync(join(scratch, 'bin/npm'), '#!/bin/sh\necho npm is at it > /dev/tty\nexec sleep 60\n');
		chmodSync(join(scratch, 'bin/npm'), 0o755);
		await using terminal = new Terminal(`env PATH='${join(scratch, 'bin')}':"$PATH" ${command} made --yes`);
		// A second that the command was held up in is not shown.
		const waits = /npm installs zod, @types\/node, orchestra-toolchain, tsx, typescript \([1-9]\d* s\)/;
		await terminal.answer(waits, ctrlC);
		expect(await terminal.exited).toBe(130);
	});

	test('an update is shown and asked about', async () => {
		const made = {
			dir: join(scratch, 'old'),
			id: 'old',
			template: 'tool',
			runtime: 'node',
			version: 1,
		} as const;
		writeFiles(made.dir, Object.fromEntries(scaffoldFiles(made)));
		const before = readFileSync(join(scratch, 'old/package.json'), 'utf8');
		await using refused = new Terminal(`${command} --update old`);
		await refused.answer('Update it?', 'n\r');
		expect(await refused.exited).toBe(130);
		expect(readFileSync(join(scratch, 'old/package.json'), 'utf8')).toBe(before);
		await using taken = new Terminal(`${command} --update old`);
		await taken.answer('+    "scaffold": {', '');
		await taken.answer('Update it?', enter);
		expect(await taken.exited).toBe(0);
		expect(readFileSync(join(scratch, 'old/package.json'), 'utf8')).toContain('"scaffold": {');
	});

	test('asks nothing with --yes', async () => {
		await using terminal = new Terminal(`${command} made --yes --no-install`);
		expect(await terminal.exited).toBe(0);
		expect(readdirSync(scratch)).toEqual(['made']);
	});
});
