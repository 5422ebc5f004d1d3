import { expect, test } from 'vitest';
import { guardOutput } from '../../../src/runtime/hosting/containment/output-guard.ts';

test('what is printed comes line by line, and what has no end of its line at the end', () => {
	const lines: string[] = [];
	const end = guardOutput((_plugin, line) => lines.push(line));
	try {
		process.stdout.write('one\ntw');
		process.stdout.write('o\nhalf');
		process.stdout.write(' a line');
		expect(lines).toEqual(['one', 'two']);
	} finally {
		end();
	}
	expect(lines).toEqual(['one', 'two', 'half a line']);
});
