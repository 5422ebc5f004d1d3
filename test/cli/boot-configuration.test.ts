import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readBootConfiguration } from '../../src/cli/boot-configuration.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const scratch = scratchFolder('boot');
test('a file of a mebibyte is read, one byte more is too large', () => {
	const file = join(scratch, 'secret');
	writeFileSync(file, 'x'.repeat(1024 * 1024));
	expect(readBootConfiguration([`key=@${file}`]).key).toHaveLength(1024 * 1024);
	writeFileSync(file, 'x'.repeat(1024 * 1024 + 1));
	expect(() => readBootConfiguration([`key=@${file}`])).toThrow('is larger than 1 MiB');
});

test('a later word wins, and no word is a prototype', () => {
	const file = join(scratch, 'all.json');
	writeFileSync(file, '{"units": "metric", "days": 3, "loud": true}');
	expect({ ...readBootConfiguration(['units=imperial', `@${file}`, 'days=5', '__proto__=x']) }).toEqual({
		units: 'metric',
		days: '5',
		loud: 'true',
		['__proto__']: 'x',
	});
});
