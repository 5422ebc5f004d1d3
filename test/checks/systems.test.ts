import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../support/run-cli.ts';

const page = join(projectRoot, 'docs/systems.md');

const check = (path: string) => {
	const script = join(projectRoot, 'scripts/check-systems.mjs');
	const { status, stderr } = spawnSync(process.execPath, [script, path], { encoding: 'utf8' });
	return { status, wrong: stderr.split('\n').filter((line) => line !== '') };
};

test('every row of docs/systems.md is there, and names tests that exist', () => {
	expect(check(page)).toEqual({ status: 0, wrong: [] });
});

test('a row that is gone, one that names no test, and tests that are not there are found', () => {
	const folder = mkdtempSync(join(tmpdir(), 'orchestra-systems-'));
	try {
		const broken = readFileSync(page, 'utf8')
			.replace(/^\| S3 \|.*$/m, '')
			.replace(/^\| S4 \|.*$/m, '| S4 | something | |')
			.replace(
				/^\| B1 \|.*$/m,
				'| B1 | x | `test/nowhere.test.ts` “x”; `test/checks/layers.test.ts` “no such name” |',
			)
			.replace(/^\| B2 \|/m, '| B1 |')
			.replace(/^\| B32 \|/m, '| B99 |');
		writeFileSync(join(folder, 'systems.md'), broken);
		expect(check(join(folder, 'systems.md'))).toEqual({
			status: 1,
			wrong: [
				'S4 names no test',
				'B1: there is no file test/nowhere.test.ts',
				'B1: test/checks/layers.test.ts has no test “no such name”',
				'B1 is there twice',
				'B99 is no row that there has to be',
				'S3 is missing',
				'B2 is missing',
				'B32 is missing',
			],
		});
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});
