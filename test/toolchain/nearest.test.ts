import { expect, test } from 'vitest';
import { nearest } from '../../src/toolchain/nearest.ts';

test('the name with the fewest edits is suggested, wherever it stands', () => {
	expect(nearest('forecasd', ['forecost2', 'forecast', 'forecasts'])).toBe('forecast');
	expect(nearest('FORECAST', ['recast', 'forecast'])).toBe('forecast');
});

test('what differs in more than a third is not', () => {
	expect(nearest('abcdef', ['abcxyz'])).toBeUndefined();
	expect(nearest('abcdef', ['abcdxy'])).toBe('abcdxy');
	expect(nearest('b', ['a'])).toBe('a');
});

test('two letters that changed places are one slip', () => {
	expect(nearest('wacth', ['match', 'watch', 'json'])).toBe('watch');
	expect(nearest('jsno', ['json'])).toBe('json');
	expect(nearest('onjs', ['json'])).toBeUndefined();
	expect(nearest('wbtdh', ['watch'])).toBeUndefined();
});
