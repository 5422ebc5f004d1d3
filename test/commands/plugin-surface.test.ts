import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readStorageWrite } from '../../src/runtime/client/read-response.ts';
import { matchesPattern } from '../../src/runtime/plugin/definition/matches-pattern.ts';
import { type CliOptions, RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const scratch = scratchFolder('surface');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };

const plugin = join(scratch, 'booted.ts');
writeFileSync(
	plugin,
	`import { createPlugin } from 'orchestra-toolchain';
let seen = {};
export default createPlugin('booted')
	.lifecycle({ onBoot(config) { if (config.refuse) throw new Error('no ' + config.refuse); seen = { ...config }; } })
	.registerTool('seen', { description: '' }, () => ({ ...seen }))
	.build();
`,
);

const run = (words: string[], options: CliOptions = {}) => runCli(words, { env, ...options });
const errorOf = (stderr: string) => JSON.parse(stderr.trim().split('\n').at(-1) ?? '').error;

describe.each([[[]], [['--spawn']], [['--spawn', '--carrier', 'quic']]])(
	'a boot configuration with %j',
	(how) => {
		test('reaches the plugin, from words and from files', async () => {
			writeFileSync(join(scratch, 'secret'), 'hunter2\n');
			writeFileSync(join(scratch, 'boot.json'), '{"units": "metric", "limit": 3, "on": true}');
			const { stdout, stderr, code } = await run([
				'call',
				plugin,
				'seen',
				'--json',
				...how,
				'--config',
				`@${join(scratch, 'boot.json')}`,
				'--config',
				'units=imperial',
				'--config',
				`key=@${join(scratch, 'secret')}`,
			]);
			expect([code, stderr]).toEqual([0, '']);
			expect(JSON.parse(stdout)).toEqual({ units: 'imperial', limit: '3', on: 'true', key: 'hunter2' });
		});

		test('that the plugin refuses is exit 4, and names the plugin', async () => {
			const { code, stderr } = await run([
				'call',
				plugin,
				'seen',
				'--json',
				...how,
				'--config',
				'refuse=that',
			]);
			expect(code).toBe(4);
			expect(errorOf(stderr)).toMatchObject({
				code: 'boot_failed',
				message: expect.stringContaining('booted'),
			});
			expect(errorOf(stderr).message).toContain('no that');
		});
	},
);

test.each([
	[['--config', 'units'], 'has no value'],
	[['--config', '@missing.json'], 'cannot read missing.json'],
	[['--config', `@${plugin}`], 'is not JSON'],
])('a boot configuration that is none is exit 2: %j', async (words, text) => {
	const { code, stderr } = await run(['call', plugin, 'seen', '--json', ...words]);
	expect(code).toBe(2);
	expect(errorOf(stderr).message).toContain(text);
});

describe('orchestra prompt', () => {
	const target = 'examples/release-notes';

	test.each([[[]], [['--spawn']], [['--spawn', '--carrier', 'quic']]])(
		'lists and fills in with %j',
		async (how) => {
			const listed = await run(['prompt', target, '--json', ...how]);
			expect(JSON.parse(listed.stdout).prompts[0]).toMatchObject({ name: 'release_notes' });
			const words = ['version=1.2.0', 'changes=All of it'];
			const filled = await run(['prompt', target, 'release_notes', ...words, '--json', ...how]);
			expect(JSON.parse(filled.stdout).messages[0]).toMatchObject({ role: 'user' });
			expect(filled.stdout).toContain('All of it');
			const text = await run(['prompt', target, 'release_notes', ...words, ...how]);
			expect(text.stdout).toContain('1.2.0');
		},
	);

	test.each([
		[['release_note'], 2, 'prompt_not_found', 'Did you mean release_notes?'],
		[['release_notes'], 2, 'invalid_arguments', 'It takes: release_notes version changes [audience]'],
		[['release_notes', 'versio=1'], 2, 'usage', 'Did you mean version?'],
		[['release_notes', 'version'], 2, 'usage', 'Write key=text or key=@file.'],
	])('answers %j with the next step', async (words, exit, errorCode, hint) => {
		const { code, stderr } = await run(['prompt', target, ...words, '--json']);
		expect(code).toBe(exit);
		expect(errorOf(stderr)).toMatchObject({ code: errorCode, hint });
	});
});

describe('orchestra storage', () => {
	test('writes, reads, lists and deletes through a server, and says what conflicts', async () => {
		const server = new RunningCli(['serve', 'examples/notes', '--listen', 'tcp://127.0.0.1:0', '--json'], {
			env,
		});
		try {
			const [line] = await server.until(/^.*"event":"ready".*$/m);
			const [address] = JSON.parse(line).addresses;
			const storage = (...words: string[]) => run(['storage', address, ...words, '--json']);
			const bytes = 'line one\nline two\n';
			writeFileSync(join(scratch, 'todo.md'), bytes);
			expect(
				JSON.parse((await storage('write', 'a/todo.md', `@${join(scratch, 'todo.md')}`)).stdout),
			).toEqual({
				path: 'a/todo.md',
				version: 1,
			});
			const piped = await run(['storage', address, 'write', 'b.txt', '@-', '--json'], { input: 'piped' });
			expect(piped.code).toBe(0);
			const plain = await run(['storage', address, 'read', 'a/todo.md']);
			expect(plain.stdout).toBe(bytes);
			expect(JSON.parse((await storage('read', 'b.txt')).stdout)).toMatchObject({
				text: 'piped',
				version: 1,
			});
			const paths = async (...words: string[]) =>
				JSON.parse((await storage('list', ...words)).stdout).entries.map(
					({ path }: { path: string }) => path,
				);
			expect((await paths()).sort()).toEqual(['a/todo.md', 'b.txt']);
			// The pattern is for the last part of the path, as in the Go stores.
			expect(await paths('--pattern', 'todo*')).toEqual(['a/todo.md']);
			expect(await paths('a/')).toEqual(['a/todo.md']);
			const conflict = await storage('write', 'b.txt', 'again');
			expect(conflict.code).toBe(5);
			expect(errorOf(conflict.stderr)).toMatchObject({
				code: 'storage_conflict',
				details: { expectedVersion: 0, currentVersion: 1 },
			});
			expect(
				JSON.parse((await storage('write', 'b.txt', 'again', '--expected-version', '1')).stdout).version,
			).toBe(2);
			expect(JSON.parse((await storage('write', 'b.txt', 'over', '--force')).stdout).version).toBe(3);
			expect((await storage('delete', 'b.txt')).code).toBe(0);
			const gone = await storage('read', 'b.txt');
			expect(gone.code).toBe(5);
			expect(errorOf(gone.stderr).code).toBe('storage_not_found');
			server.child.kill('SIGTERM');
			expect(await server.exited).toBe(0);
		} finally {
			server.child.kill('SIGKILL');
		}
	});

	test.each([
		[['red', 'x'], 'Did you mean read?'],
		[['read'], 'For example: orchestra storage examples/notes read notes/todo.md.'],
		[['write', 'x'], 'Give it as a word, as @FILE, or as - for standard input.'],
	])('answers %j with the next step', async (words, hint) => {
		const { code, stderr } = await run(['storage', 'examples/notes', ...words, '--json']);
		expect(code).toBe(2);
		expect(errorOf(stderr)).toMatchObject({ code: 'usage', hint });
	});
});

test.each([
	['*.md', 'notes/a.md', true],
	['*.md', 'a.txt', false],
	['a?.md', 'deep/er/ab.md', true],
	['notes/*', 'notes/a.md', true],
	['notes/*', 'other/a.md', false],
	['', 'anything/at/all', true],
	['[a-c]*', 'x/beta', true],
	['[^a-c]*', 'beta', false],
	['[\\]a]', ']', true],
	['[]a]', ']', false],
	['[a', 'a', false],
	['[a-]', 'a', false],
	['[^]', 'a', false],
	['\\*', '*', true],
	['\\*', 'a', false],
	['a\\', 'a', false],
	['a.c', 'abc', false],
	['?.md', 'x/ü.md', true],
	['*a*b*c*', 'xxaxxbxxcxx', true],
	['*a*b*c*', 'xxaxxcxxbxx', false],
])('the storage pattern %j and %j: %j', (pattern, path, fits) => {
	expect(matchesPattern(pattern, path)).toBe(fits);
});

test('a conflict that a Go store says in words is a conflict, so that a retry runs', () => {
	const response = { storageWrite: { success: false, error: 'version conflict: expected 1, current 4' } };
	expect(() => readStorageWrite(response, { kind: 'storage_write', subject: 'a.md', peer: 'go' })).toThrow(
		expect.objectContaining({
			code: 'storage_conflict',
			details: { path: 'a.md', expectedVersion: 1, currentVersion: 4 },
		}),
	);
	const other = { storageWrite: { success: false, error: 'disk full' } };
	expect(() => readStorageWrite(other, { kind: 'storage_write', subject: 'a.md', peer: 'go' })).toThrow(
		expect.objectContaining({ code: 'handler_error', message: 'disk full' }),
	);
});
