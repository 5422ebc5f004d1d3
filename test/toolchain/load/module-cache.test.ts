import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	statSync,
	truncateSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ModuleCache } from '../../../src/toolchain/load/module-cache.ts';
import { recordSources } from '../../../src/toolchain/load/source-record.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const scratch = scratchFolder('module-cache');
let folder = '';
let entry = '';

beforeEach(() => {
	folder = mkdtempSync(join(scratch, 'c-'));
	entry = join(folder, 'plugin.mjs');
	writeSource('first');
	vi.stubEnv('ORCHESTRA_CACHE_DIR', join(folder, 'cache'));
});
afterEach(() => vi.unstubAllEnvs());

const hourAgo = Math.floor(Date.now() / 1000) - 3600;

/** Writes the source of the plugin with the time that it always has, as some tools leave files. */
function writeSource(text: string): void {
	writeFileSync(entry, text);
	utimesSync(entry, hourAgo, hourAgo);
}

/** Keeps what would have been compiled of the source. */
function put(code: string, key = 'this version'): string {
	const inputs = { [entry]: { bytes: 5, imports: [] } };
	// In the life of a plugin its sources are older than a compilation; here they were written just now.
	const record = recordSources({ inputs, outputs: {} }, folder, [], Number.POSITIVE_INFINITY);
	if (!record) expect.fail('a source has changed');
	const file = new ModuleCache(entry, key).put({ code: Buffer.from(code), map: '{}' }, record);
	return file ?? expect.fail('it was not kept');
}

const get = (key = 'this version') => new ModuleCache(entry, key).get()?.file;

test('a module whose sources are as they were is found', () => {
	const file = put('one');
	expect(get()).toBe(file);
});

test('an edit that keeps the size and the time of the file is noticed', () => {
	put('one');
	const { size, mtimeMs } = statSync(entry);
	writeSource('other');
	expect([statSync(entry).size, statSync(entry).mtimeMs]).toEqual([size, mtimeMs]);
	expect(get()).toBeUndefined();
});

test('what another version of the toolchain compiled, or with other options, is not run', () => {
	const file = put('one');
	expect(get('another version')).toBeUndefined();
	expect(get()).toBe(file);
});

test('a compiled module that was cut short or changed is not run', () => {
	const file = put('one');
	truncateSync(file, 10);
	expect(get()).toBeUndefined();
	expect(get()).toBeUndefined();
	expect(put('one')).toBe(file);
	expect(get()).toBe(file);
	writeFileSync(file, 'export default 3;');
	expect(get()).toBeUndefined();
});

test('of one plugin the four versions are kept that were compiled last', () => {
	const files: string[] = [];
	for (let version = 1; version <= 6; version++) {
		const file = put(`version ${version}`);
		const time = Date.now() / 1000 - 100 + version;
		utimesSync(file, time, time);
		files.push(basename(file));
	}
	const names = readdirSync(dirname(put('version 6')));
	const modules = names.filter((name) => name.endsWith('.mjs'));
	expect(modules.sort()).toEqual(files.slice(2).sort());
	// With the source map of each, and no other.
	expect(names.filter((name) => name.endsWith('.map'))).toHaveLength(4);
});

test('of all plugins together 128 MiB are kept, those that were compiled last', () => {
	const root = dirname(dirname(put('one')));
	const others = ['oldest', 'older', 'newer'].map((name, index) => {
		const other = join(root, name);
		mkdirSync(other);
		// Nothing but its size: two are below the limit, three above.
		writeFileSync(join(other, 'x.mjs'), '');
		truncateSync(join(other, 'x.mjs'), 60 * 1024 * 1024);
		const time = Date.now() / 1000 - (10 - index) * 86_400;
		utimesSync(other, time, time);
		return name;
	});
	const own = basename(dirname(put('two')));
	expect(readdirSync(root).sort()).toEqual([own, ...others.slice(1)].sort());
});
