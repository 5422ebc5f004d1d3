import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeFiles } from '../toolchain/write-files.ts';

const scratch = scratchFolder('build-watch');
const env: Record<string, string> = { ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };

const source = `import { createPlugin } from 'orchestra-toolchain';
import { word } from './word.ts';
export default createPlugin('w').registerTool('say', { description: 'Says.' }, () => word).build();
`;

/** What a line of `--json` says. */
interface BuildLine {
	readonly event: string;
	readonly number: number;
	readonly changed: readonly string[];
	readonly kept?: boolean;
	readonly error?: { readonly code: string; readonly message: string };
}

test.each(['node', 'deno'] as const)(
	'each save is built, and what fails leaves the last output, on %s',
	async (runtime) => {
		const dir = writeFiles(mkdtempSync(join(scratch, 'p-')), {
			'plugin.ts': source,
			'word.ts': "export const word = 'one';",
		});
		const dist = join(dir, 'dist');
		const save = (text: string) => {
			// As editors do that never leave half a file: whoever reads one in the middle of a write sees another change.
			writeFileSync(join(scratch, 'saved.ts'), `export const word = ${text};`);
			renameSync(join(scratch, 'saved.ts'), join(dir, 'word.ts'));
		};
		const bundle = () => readFileSync(join(dist, 'w.mjs'), 'utf8');
		await using cli = new RunningCli(['build', dir, '--watch', '--json', '--no-check', '--no-quic'], {
			env,
			cwd: scratch,
			runtime,
		});
		const line = async (number: number) => {
			const [text] = await cli.until(new RegExp(`^.*"number":${number},.*$`, 'm'));
			return JSON.parse(text) as BuildLine;
		};
		expect(await line(1)).toMatchObject({
			event: 'built',
			id: 'w',
			changed: [],
			files: [{ name: 'w.mjs' }, { name: 'manifest.json' }],
		});
		save("'two'");
		expect(await line(2)).toMatchObject({ event: 'built', changed: [expect.stringMatching(/word\.ts$/)] });
		const good = bundle();
		expect(good).toContain('"two"');
		save(';');
		const failed = await line(3);
		expect(failed).toMatchObject({ event: 'failed', kept: true, error: { code: 'build_failed' } });
		expect(failed.error?.message).toContain('word.ts:1:21: Unexpected ";"');
		expect(bundle()).toBe(good);
		save("'two'");
		expect(await line(4)).toMatchObject({ event: 'unchanged' });
		if (runtime === 'node') {
			// A second one, that watches or not, is refused.
			const second = await runCli(['build', dir, '--watch', '--no-check', '--no-quic', '--json'], {
				env,
				cwd: scratch,
			});
			expect(second).toMatchObject({ code: 2, stdout: '' });
			expect(JSON.parse(second.stderr).error).toMatchObject({
				code: 'usage',
				message: expect.stringContaining(`another orchestra build (process ${cli.child.pid})`),
			});
		}
		renameSync(dir, `${dir}-away`);
		expect(await line(5)).toMatchObject({
			event: 'failed',
			kept: false,
			error: { code: 'target_not_found' },
		});
		expect(existsSync(dir)).toBe(false);
		renameSync(`${dir}-away`, dir);
		expect(await line(6)).toMatchObject({ event: 'unchanged' });
		cli.child.kill('SIGINT');
		expect(await cli.exited).toBe(130);
		expect(readdirSync(dist).sort()).toEqual(['manifest.json', 'w.mjs']);
		expect(bundle()).toBe(good);
	},
	180_000,
);

test('lines for people: what is wrong has its place, and a type error is one', async () => {
	const dir = writeFiles(mkdtempSync(join(scratch, 'p-')), {
		'plugin.ts': source,
		'word.ts': "export const word: number = 'one';",
	});
	await using cli = new RunningCli(['build', dir, '--watch', '--no-quic'], { env, cwd: scratch });
	await cli.until(
		/✖ the plugin in .* has a type error:\n.*word\.ts:1:14: TS2322.*\n[\s\S]*nothing was written; save to try again\n/,
		180_000,
	);
	writeFileSync(join(dir, 'word.ts'), "export const word = 'one';");
	await cli.until(/✔ Built w into .* in [\d.]+ s: .*word\.ts\n/);
	cli.child.kill('SIGTERM');
	expect(await cli.exited).toBe(143);
});
