import xterm from '@xterm/headless';
import { expect, test } from 'vitest';
import { FramePainter } from '../../src/tui/terminal/frame-painter.ts';
import { clip, columnsOf, filled } from '../../src/tui/text/columns.ts';
import { formatBytes, formatCount, formatMs } from '../../src/tui/text/quantities.ts';

test('a painter tells the terminal the lines that differ, and the terminal shows the frame', async () => {
	const terminal = new xterm.Terminal({ cols: 10, rows: 4, allowProposedApi: true });
	const painter = new FramePainter();
	const show = async (frame: string) => {
		const text = painter.paint(frame, 4);
		await new Promise<void>((resolve) => terminal.write(text, resolve));
		return text;
	};
	const shown = () =>
		Array.from({ length: 4 }, (_, row) => terminal.buffer.active.getLine(row)?.translateToString(true));
	await show('one\n\x1b[31mtwo\x1b[0m\n日本語');
	expect(shown()).toEqual(['one', 'two', '日本語', '']);
	const second = await show('one\n2\n日本語');
	expect(second).not.toContain('one');
	expect(shown()).toEqual(['one', '2', '日本語', '']);
	expect(await show('one\n2\n日本語')).toBe('');
	await show('1');
	expect(shown()).toEqual(['1', '', '', '']);
	painter.forget();
	expect(await show('1\n2\n3\n4\n5')).toContain('\x1b[2J');
	expect(shown()).toEqual(['1', '2', '3', '4']);
	terminal.dispose();
});

test('texts are clipped and filled by the columns that they take', () => {
	expect(clip('日本語', 5)).toBe('日本…');
	expect(clip('日本語', 4)).toBe('日…');
	expect(columnsOf(filled('日本語', 4))).toBe(4);
	expect(filled('é', 3)).toBe('é  ');
	expect(filled('12', 4, 'right')).toBe('  12');
	expect(clip('👩‍👩‍👧family', 4)).toBe('👩‍👩‍👧f…');
	expect(clip('x'.repeat(100_000), 3)).toBe('xx…');
});

test('quantities keep to their columns', () => {
	for (const ms of [0, 0.004, 9.99, 99.9, 999.6, 1234, 99_999, 1e6, 1e9])
		expect(formatMs(ms).length).toBeLessThanOrEqual(6);
	for (const count of [0, 0.04, 12.34, 999, 99_999, 123_456, 1e9])
		expect(formatCount(count).length).toBeLessThanOrEqual(5);
	for (const bytes of [0, 1023, 1024, 1e6, 1e9, 1e12])
		expect(formatBytes(bytes).length).toBeLessThanOrEqual(5);
});
