import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { publishFiles } from '../../../src/toolchain/bundle/publish-files.ts';

let scratch = '';

beforeEach(() => {
	scratch = mkdtempSync(join(tmpdir(), 'orchestra-publish-'));
});

afterEach(() => rmSync(scratch, { recursive: true, force: true }));

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
