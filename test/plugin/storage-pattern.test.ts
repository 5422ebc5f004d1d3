import { expect, test } from 'vitest';
import { matchesPattern } from '../../src/runtime/plugin/definition/storage-pattern.ts';

// The values are those of path.Match(pattern, path.Base(path)) in Go, which stores on the Go SDK use; an empty pattern fits all.
test.each([
	['', 'a/b.md', true],
	['*.md', 'a.md', true],
	['*.md', 'notes/2024/a.md', true],
	['*.md', 'notes.md/a.txt', false],
	['a*', 'b/a', true],
	['a*', 'a/b', false],
	['*', 'a/', true],
	['a/*.md', 'a/b.md', false],
	['?.md', 'x/ü.md', true],
	['?.md', 'ab.md', false],
	['[a-c]*', 'beta', true],
	['[^a-c]*', 'beta', false],
	['[]a]', ']', false],
	['[\\]a]', ']', true],
	['[a', 'a', false],
	['[]', 'a', false],
	['[^]', 'a', false],
	['[a-]', 'a', false],
	['\\*', '*', true],
	['\\*', 'a', false],
	['a\\', 'a', false],
	['a.c', 'abc', false],
	['*a*b', 'xaxxb', true],
	['a**b', 'ab', true],
] as const)('%j of %j: %s', (pattern, path, fits) => {
	expect(matchesPattern(pattern, path)).toBe(fits);
});

test('a pattern made to take long is answered at once', () => {
	expect(matchesPattern(`${'*a'.repeat(100)}b`, 'a'.repeat(10_000))).toBe(false);
});
