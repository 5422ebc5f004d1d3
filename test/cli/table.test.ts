import { afterEach, describe, expect, test } from 'vitest';
import { formatTable } from '../../src/cli/table.ts';
import { textWidth, wrapText } from '../../src/cli/text-width.ts';
import { visible, visibleJson } from '../../src/cli/visible-text.ts';

const { isTTY, columns } = process.stdout;

/** Makes stdout a terminal of that width. */
function terminal(width: number): void {
	Object.assign(process.stdout, { isTTY: true, columns: width });
}

afterEach(() => {
	Object.assign(process.stdout, { isTTY, columns });
});

const headings = ['name', 'status', 'what it is for'];
const rows = [
	['weather', 'valid', 'the plugin that says what the weather of the next days is going to be in a city'],
	['tools.日本語', 'expired', 'another one'],
];

describe.each([80, 40, 24])('a table on %i columns', (width) => {
	test('stays within them and breaks no word', () => {
		terminal(width);
		const lines = formatTable(headings, rows).split('\n');
		for (const line of lines) expect(textWidth(line), line).toBeLessThanOrEqual(width);
		const words = lines.join(' ').split(/\s+/);
		for (const word of rows.flat().join(' ').split(' ')) expect(words).toContain(word);
	});
});

test('a table for a program has a line for each row', () => {
	Object.assign(process.stdout, { isTTY: false });
	expect(formatTable(headings, rows).split('\n')).toHaveLength(3);
});

test('columns stand below each other, also with wide characters', () => {
	terminal(200);
	const [head = '', first = '', second = ''] = formatTable(headings, rows).split('\n');
	const column = (line: string, word: string) => textWidth(line.slice(0, line.indexOf(word)));
	expect(column(first, 'valid')).toBe(column(head, 'status'));
	expect(column(second, 'expired')).toBe(column(head, 'status'));
});

test('a word that is longer than a line stays whole', () => {
	expect(wrapText('a loooooooooong b', 6, 0)).toBe('a\nloooooooooong\nb');
});

test('what a terminal would obey is shown', () => {
	expect(visible('a\x1b[2Jb\x07c\x9bd\u202ee\x1b[31mred\x1b[0m')).toBe('a\\x1b[2Jb\\x07c\\x9bd\\u202eered');
	expect(JSON.parse(visibleJson(JSON.stringify({ a: '\x9b\u202e\x1b' })))).toEqual({ a: '\x9b\u202e\x1b' });
});
