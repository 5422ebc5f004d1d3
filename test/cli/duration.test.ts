import { expect, test } from 'vitest';
import { parseDuration } from '../../src/cli/parse-duration.ts';

test.each([
	['5', 5_000],
	['0.5', 500],
	['500ms', 500],
	['5s', 5_000],
	['2m', 120_000],
	['1h', 3_600_000],
	['10d', 864_000_000],
])('%s is %d ms', (text, ms) => {
	expect(parseDuration(text)).toBe(ms);
});

test.each(['', '0', '-1', '5 parsecs', '1e3', 'Infinity', '366000d'])('%j is no duration', (text) => {
	expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'usage' }));
});
