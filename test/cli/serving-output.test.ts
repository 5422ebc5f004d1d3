import { expect, test } from 'vitest';
import { formatWait } from '../../src/cli/serving-output.ts';

const calls = (count: number) =>
	Array.from({ length: count }, (_, index) => ({
		plugin: 'p',
		name: index === 0 ? '' : `tool${index}`,
	})) as never;

test('of the calls that a stop waits for five are named, and the others counted', () => {
	expect(formatWait(calls(1), 10_000)).toBe('waiting up to 10 s for a call under way: p');
	expect(formatWait(calls(5), 1_500)).toBe(
		'waiting up to 1.5 s for 5 calls under way: p, tool1 of p, tool2 of p, tool3 of p, tool4 of p',
	);
	expect(formatWait(calls(200), 1_000)).toMatch(/200 calls under way: p, .*tool4 of p and 195 more$/);
});
