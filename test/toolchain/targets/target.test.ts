import { writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { resolveTarget } from '../../../src/toolchain/targets/resolve-target.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';

const before = process.cwd();
const folder = scratchFolder('target');
afterEach(() => process.chdir(before));

test('what is an address and a file as well is asked about, never run', () => {
	process.chdir(folder);
	const word = '127.0.0.1:50100';
	expect(resolveTarget(word)).toMatchObject({ kind: 'address', address: { carrier: 'quic', port: 50100 } });
	writeFileSync(word, '#!/bin/sh\necho planted\n', { mode: 0o755 });
	expect(() => resolveTarget(word)).toThrow(
		expect.objectContaining({ code: 'usage', hint: expect.stringContaining(`quic://${word}`) }),
	);
	expect(resolveTarget(`./${word}`)).toMatchObject({ kind: 'executable' });
	expect(resolveTarget(`tcp://${word}`)).toMatchObject({ kind: 'address', address: { carrier: 'tcp' } });
});
