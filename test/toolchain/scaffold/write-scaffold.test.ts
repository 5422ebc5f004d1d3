import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { writeScaffold } from '../../../src/toolchain/scaffold/write-scaffold.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const folders = scratchFolder('write');
let scratch = '';

beforeEach(() => {
	scratch = mkdtempSync(join(folders, 'case-'));
});

const good = new Map([
	['a.txt', 'a'],
	['b.txt', 'b'],
]);
// Its folder does not exist, so the second file cannot be written.
const bad = new Map([
	['a.txt', 'a'],
	['absent/b.txt', 'b'],
]);

test('makes the folder and those above it', () => {
	const dir = join(scratch, 'x/y/z');
	writeScaffold(dir, good);
	expect(readFileSync(join(dir, 'b.txt'), 'utf8')).toBe('b');
	expect(readdirSync(join(scratch, 'x/y'))).toEqual(['z']);
});

test('leaves nothing behind where a file cannot be written', () => {
	expect(() => writeScaffold(join(scratch, 'x/y'), bad)).toThrow(expect.objectContaining({ code: 'usage' }));
	expect(readdirSync(scratch)).toEqual([]);
});

test('takes back what it wrote into a folder that was there', () => {
	mkdirSync(join(scratch, '.git'));
	expect(() => writeScaffold(scratch, bad)).toThrow(expect.objectContaining({ code: 'usage' }));
	expect(readdirSync(scratch)).toEqual(['.git']);
});

test('names what is in the way and touches nothing', () => {
	writeFileSync(join(scratch, 'a.txt'), 'mine');
	mkdirSync(join(scratch, 'sub'));
	expect(() => writeScaffold(scratch, good)).toThrow(
		expect.objectContaining({ code: 'directory_not_empty', message: expect.stringContaining('a.txt, sub/') }),
	);
	expect(readFileSync(join(scratch, 'a.txt'), 'utf8')).toBe('mine');
	expect(existsSync(join(scratch, 'b.txt'))).toBe(false);
});

test.each(['file', 'file/below', 'file/below/deep'])('says that %s is or lies in a file', (path) => {
	writeFileSync(join(scratch, 'file'), '');
	expect(() => writeScaffold(join(scratch, path), good)).toThrow(
		expect.objectContaining({ code: 'usage', message: expect.stringContaining('file') }),
	);
	expect(readdirSync(scratch)).toEqual(['file']);
});

// Node's own recursive mkdir never returns there.
test.skipIf(process.platform !== 'linux')('ends where the system cannot make a folder', () => {
	expect(() => writeScaffold('/proc/absent/plugin', good)).toThrow(
		expect.objectContaining({ code: 'usage' }),
	);
});
