import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellWord } from '../../src/runtime/platform/shell-word.ts';

test('an ordinary path stays as it is', () => {
	expect(shellWord('/home/ada/.orchestra/certs')).toBe('/home/ada/.orchestra/certs');
});

test.skipIf(process.platform === 'win32')('a shell reads back any text as one word', () => {
	const odd = fc.string({
		unit: fc.constantFrom('a', ' ', "'", '"', '$', '`', '\\', '\n', ';', '*', '~', 'é'),
	});
	const words = fc.sample(odd, 200);
	const script = words.map((word) => `printf '%s\\0' ${shellWord(word)}`).join('\n');
	const read = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0');
	expect(read.slice(0, -1)).toEqual(words);
});
