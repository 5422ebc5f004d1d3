import { expect, test } from 'vitest';
import { formatCompletion } from '../../src/cli/completion/format-completion.ts';

const lines = (words: readonly string[], more: object = {}) =>
	formatCompletion({ candidates: words.map((word) => ({ word })), ...more }, (word) => word)
		.split('\n')
		.slice(0, -1);

test('a shell is given 2,000 words at most', () => {
	const words = Array.from({ length: 5_000 }, (_, index) => `word${index}`);
	expect(lines(words)).toEqual(words.slice(0, 2_000));
});

test('a word that is more than a word of one line is not offered', () => {
	expect(lines(['good', '', 'two\nlines', '\u001b[31mred', ':files', 'ok'])).toEqual(['good', 'ok']);
	const about = `First\u001b sentence ${'x'.repeat(200)}. Second.`;
	const text = formatCompletion({ candidates: [{ word: 'w', about }] }, (word) => `<${word}>`);
	expect(text).toMatch(/^<w>\tFirst {2}sentence x+\n$/);
	expect(text.length).toBe('<w>\t'.length + 100 + 1);
});

test('files may stand there too, and what ends with = goes on', () => {
	expect(lines(['a=', 'b='], { files: true })).toEqual([':nospace', ':files', 'a=', 'b=']);
	expect(lines(['a=', 'b'])).toEqual(['a=', 'b']);
	expect(lines([])).toEqual([]);
});
