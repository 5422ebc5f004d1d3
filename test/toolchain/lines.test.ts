import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonConflict, mergeJson } from '../../src/toolchain/lines/merge-json.ts';
import { mergeLines } from '../../src/toolchain/lines/merge-lines.ts';
import { unifiedDiff } from '../../src/toolchain/lines/unified-diff.ts';

const names = { yours: 'yours', theirs: 'theirs' };
const lines = fc.array(fc.constantFrom<string>('a', 'b', 'c', '', '{', '}'), { maxLength: 14 });
const merge = (was: string, yours: string, theirs: string) =>
	mergeLines([...was], [...yours], [...theirs], names);

describe('lines', () => {
	test('what only one side has changed is as that side has it', () => {
		fc.assert(
			fc.property(lines, lines, (was, changed) => {
				for (const merged of [
					mergeLines(was, changed, was, names),
					mergeLines(was, was, changed, names),
					mergeLines(was, changed, changed, names),
				]) {
					expect(merged).toEqual({ lines: changed, marked: changed, conflicts: [] });
				}
			}),
		);
	});

	test('no line that an author has added is lost, whatever the template does', () => {
		fc.assert(
			fc.property(lines, lines, lines, fc.nat(14), (was, theirs, own, at) => {
				const added = own.map((text, index) => `own ${index} ${text}`);
				const yours = was.toSpliced(at, 0, ...added);
				const merged = mergeLines(was, yours, theirs, names);
				for (const result of [merged.lines, merged.marked]) {
					expect(result.filter((text) => text.startsWith('own '))).toEqual(added);
				}
			}),
		);
	});

	test.each([
		['abcdef', 'aXbcdef', 'abcdeYf', 'aXbcdeYf'],
		['abc', 'ab', 'abcd', 'abd'],
		['abc', 'abc', '', ''],
		['', 'a', '', 'a'],
	])('%s as %s and %s is %s', (was, yours, theirs, result) => {
		const merged = merge(was, yours, theirs);
		if (was === 'abc' && yours === 'ab') expect(merged.conflicts).toHaveLength(1);
		else expect([merged.lines.join(''), merged.conflicts]).toEqual([result, []]);
	});

	test('where both have changed the same, the own stays, and both are shown', () => {
		const { lines: kept, marked, conflicts } = merge('abc', 'aXc', 'aYc');
		expect(kept.join('')).toBe('aXc');
		expect(conflicts).toEqual([{ line: 2, was: ['b'], yours: ['X'], theirs: ['Y'] }]);
		expect(marked).toEqual([
			'a',
			'<<<<<<< yours',
			'X',
			'||||||| as it was made',
			'b',
			'=======',
			'Y',
			'>>>>>>> theirs',
			'c',
		]);
	});

	test('a diff is one that `patch` understands', ({ skip }) => {
		if (spawnSync('patch', ['--version']).status !== 0) skip('there is no patch here');
		const folder = mkdtempSync(join(tmpdir(), 'orchestra-diff-'));
		const file = join(folder, 'file');
		try {
			fc.assert(
				fc.property(lines, lines, (old, now) => {
					const [before, after] = [old, now].map((all) => all.map((line) => `${line}\n`).join('')) as [
						string,
						string,
					];
					writeFileSync(file, before);
					const diff = unifiedDiff(before, after);
					if (diff.length === 0) return before === after;
					const input = `--- file\n+++ file\n${diff.join('\n')}\n`;
					const { status } = spawnSync('patch', ['-s', file], { input });
					if (after === '') return status === 0;
					return status === 0 && readFileSync(file, 'utf8') === after;
				}),
				{ numRuns: 60 },
			);
		} finally {
			rmSync(folder, { recursive: true });
		}
	});

	test('a diff says where a file does not end with a break', () => {
		expect(unifiedDiff('a\nb\n', 'a\nb')).toEqual([
			'@@ -1,2 +1,2 @@',
			' a',
			'-b',
			'+b',
			'\\ No newline at end of file',
		]);
		expect(unifiedDiff(undefined, 'a\n')).toEqual(['@@ -0,0 +1,1 @@', '+a']);
		expect(unifiedDiff('a\n', undefined)).toEqual(['@@ -1,1 +0,0 @@', '-a']);
	});

	test('texts that have nothing in common, or blank lines only, are joined at once', () => {
		const [was, yours, theirs] = ['was', 'yours', 'theirs'].map((side) =>
			Array.from({ length: 20_000 }, (_, index) => (index % 2 ? '' : `${side} ${index}`)),
		) as [string[], string[], string[]];
		const began = performance.now();
		expect(mergeLines(was, was.with(2, 'x'), was.with(19_998, 'y'), names).conflicts).toEqual([]);
		expect(mergeLines(was, yours, theirs, names).conflicts.length).toBeGreaterThan(0);
		expect(performance.now() - began).toBeLessThan(60_000);
	}, 120_000);

	test('a text of a hundred thousand lines is joined at once', () => {
		const was = Array.from({ length: 100 }, (_, index) => `line ${index}`);
		const yours = was.flatMap((line) => [
			line,
			...Array.from({ length: 1000 }, (_, index) => `${line}.${index}`),
		]);
		const began = performance.now();
		const merged = mergeLines(was, yours, was.with(50, 'changed'), names);
		expect(merged.conflicts.length).toBeLessThanOrEqual(1);
		expect(performance.now() - began).toBeLessThan(30_000);
	});
});

describe('JSON', () => {
	const was = { a: 1, list: [1], deep: { x: 1, y: 2 } };

	test('changes of other keys are joined; keys keep their order', () => {
		const conflicts: JsonConflict[] = [];
		const yours = { own: true, a: 1, list: [1], deep: { x: 1 } };
		const theirs = { a: 2, list: [1, 2], deep: { x: 1, y: 2, z: 3 } };
		const merged = mergeJson(was, yours, theirs, 'yours', conflicts);
		expect(JSON.stringify(merged)).toBe('{"own":true,"a":2,"list":[1,2],"deep":{"x":1,"z":3}}');
		expect(conflicts).toEqual([]);
	});

	test('a key that both have changed stays, and is told', () => {
		const conflicts: JsonConflict[] = [];
		const yours = { ...was, a: 5, deep: { x: 9, y: 2 } };
		const { a: _gone, ...theirs } = { ...was, deep: { x: 8, y: 2 } };
		expect(mergeJson(was, yours, theirs, 'yours', conflicts)).toEqual(yours);
		expect(conflicts).toEqual([
			{ key: 'a', yours: 5, theirs: undefined },
			{ key: 'deep.x', yours: 9, theirs: 8 },
		]);
		expect(mergeJson(was, yours, theirs, 'theirs')).toEqual(theirs);
	});

	test('a key that is called as an object is made with', () => {
		const yours = JSON.parse('{"__proto__":{"a":1},"constructor":1}');
		expect(JSON.stringify(mergeJson({}, yours, { b: 1 }))).toBe(
			'{"__proto__":{"a":1},"constructor":1,"b":1}',
		);
	});
});
