import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileWatch } from '../../../src/toolchain/watch/file-watch.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const folders = scratchFolder('watch');
let folder = '';
let watch: FileWatch | undefined;
let told: string[][] = [];

beforeEach(() => {
	folder = mkdtempSync(join(folders, 'case-'));
	told = [];
});

afterEach(() => {
	watch?.close();
});

const at = (name: string) => join(folder, name);
const heard = () => new Set(told.flat());

function begin(paths: string[], since?: number): void {
	watch = new FileWatch({ onChange: (changed) => told.push([...changed]), lookEveryMs: 200 });
	watch.watch(paths, since);
}

test('a file that is written, replaced, removed or made is told of; others are not', async () => {
	writeFileSync(at('a'), '1');
	writeFileSync(at('b'), '1');
	begin([at('a'), at('b'), at('sub/c')]);
	writeFileSync(at('other'), '1');
	writeFileSync(at('a'), 'longer');
	await expect.poll(heard).toEqual(new Set([at('a')]));
	told = [];
	writeFileSync(at('a.tmp'), 'replaced');
	renameSync(at('a.tmp'), at('a'));
	rmSync(at('b'));
	await expect.poll(heard).toEqual(new Set([at('a'), at('b')]));
	told = [];
	mkdirSync(at('sub'));
	writeFileSync(at('sub/c'), '1');
	await expect.poll(heard).toEqual(new Set([at('sub/c')]));
});

test('a file that is emptied before it is written is told of once it is whole, and one that stays empty is told of too', async () => {
	writeFileSync(at('a'), '1');
	writeFileSync(at('b'), '1');
	const sizes: string[] = [];
	watch = new FileWatch({
		onChange: (paths) => void sizes.push(...paths.map((path) => `${path.slice(-1)} ${statSync(path).size}`)),
		quietMs: 0,
	});
	watch.watch([at('a'), at('b')]);
	truncateSync(at('a'));
	// Some looks at the empty file.
	await new Promise((resolve) => setTimeout(resolve, 20));
	writeFileSync(at('a'), 'longer');
	await expect.poll(() => sizes).toEqual(['a 6']);
	truncateSync(at('b'));
	await expect.poll(() => sizes).toEqual(['a 6', 'b 0']);
});

test('many writes are told of a few times, the last one with them', async () => {
	writeFileSync(at('a'), '');
	begin([at('a')]);
	for (let n = 1; n <= 500; n++) writeFileSync(at('a'), 'x'.repeat(n));
	await expect.poll(() => told.length).toBeGreaterThan(0);
	expect(told.length).toBeLessThan(50);
});

test('what changed since it was read is told of, though it is watched only now', async () => {
	writeFileSync(at('a'), '1');
	begin([at('a')], Date.now() - 10_000);
	await expect.poll(heard).toEqual(new Set([at('a')]));
});

test('a folder is watched for the names in it, and is found again after it was moved away', async () => {
	mkdirSync(at('sub'));
	begin([at('sub'), at('sub/a')]);
	writeFileSync(at('sub/a'), '1');
	await expect.poll(heard).toEqual(new Set([at('sub'), at('sub/a')]));
	renameSync(at('sub'), at('away'));
	mkdirSync(at('sub'));
	told = [];
	writeFileSync(at('sub/a'), 'anew');
	await expect.poll(heard).toContain(at('sub/a'));
});
