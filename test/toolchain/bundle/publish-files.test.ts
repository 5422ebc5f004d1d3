import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { publishFiles } from '../../../src/toolchain/bundle/publish-files.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const folders = scratchFolder('publish');
let scratch = '';

beforeEach(() => {
	scratch = mkdtempSync(join(folders, 'case-'));
});

test('writes files into a new folder', () => {
	const dir = join(scratch, 'a/b');
	publishFiles(dir, [
		{ name: 'x.mjs', content: 'x', executable: true },
		{ name: 'y.json', content: new Uint8Array([121]) },
	]);
	expect(readdirSync(dir)).toEqual(['x.mjs', 'y.json']);
	expect(readFileSync(join(dir, 'y.json'), 'utf8')).toBe('y');
	expect(statSync(join(dir, 'x.mjs')).mode & 0o111).toBe(0o111);
});

test('follows no link that somebody has put where it writes aside', () => {
	const victim = join(scratch, 'victim');
	writeFileSync(victim, 'mine');
	const out = join(scratch, 'out');
	mkdirSync(out);
	symlinkSync(victim, join(out, `.x.mjs.${process.pid}.tmp`));
	symlinkSync(victim, join(out, 'x.mjs'));
	publishFiles(out, [{ name: 'x.mjs', content: 'new' }]);
	expect(readFileSync(victim, 'utf8')).toBe('mine');
	expect(readFileSync(join(out, 'x.mjs'), 'utf8')).toBe('new');
});

test('leaves what was there where one file cannot be written', () => {
	writeFileSync(join(scratch, 'x.mjs'), 'old');
	const files = [
		{ name: 'x.mjs', content: 'new' },
		{ name: 'x.mjs/y.json', content: '' },
	];
	expect(() => publishFiles(scratch, files)).toThrow(expect.objectContaining({ code: 'usage' }));
	expect(readdirSync(scratch)).toEqual(['x.mjs']);
	expect(readFileSync(join(scratch, 'x.mjs'), 'utf8')).toBe('old');
});

test('what is there already, byte for byte, is left alone where that is asked for', () => {
	const files = [
		{ name: 'x.mjs', content: 'x', executable: true },
		{ name: 'x.files/data/words.txt', content: 'eins' },
	];
	expect(publishFiles(scratch, files, true)).toBe(2);
	const before = statSync(join(scratch, 'x.mjs')).ino;
	expect(publishFiles(scratch, files, true)).toBe(0);
	expect(publishFiles(scratch, [{ name: 'x.mjs', content: 'y' }, ...files.slice(1)], true)).toBe(1);
	expect(statSync(join(scratch, 'x.mjs')).ino).not.toBe(before);
	expect(readFileSync(join(scratch, 'x.files/data/words.txt'), 'utf8')).toBe('eins');
});

test('a folder in the place of a file is found out before anything is replaced', () => {
	writeFileSync(join(scratch, 'x.mjs'), 'old');
	mkdirSync(join(scratch, 'manifest.json'));
	const files = [
		{ name: 'x.mjs', content: 'new' },
		{ name: 'manifest.json', content: '{}' },
	];
	expect(() => publishFiles(scratch, files)).toThrow(/a folder with the name of a file/);
	expect(readFileSync(join(scratch, 'x.mjs'), 'utf8')).toBe('old');
	expect(readdirSync(scratch).sort()).toEqual(['manifest.json', 'x.mjs']);
});

test('what a build left that was killed while it wrote is removed by the next, and nothing else', () => {
	writeFileSync(join(scratch, '.x.mjs.0123456789abcdef.tmp'), 'half');
	writeFileSync(join(scratch, '.other.mjs.0123456789abcdef.tmp'), 'somebody else’s');
	publishFiles(scratch, [{ name: 'x.mjs', content: 'x' }]);
	expect(readdirSync(scratch).sort()).toEqual(['.other.mjs.0123456789abcdef.tmp', 'x.mjs']);
});
