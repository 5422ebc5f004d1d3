import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scaffoldFiles } from '../../src/toolchain/scaffold/scaffold-files.ts';
import { runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeFiles } from '../toolchain/write-files.ts';

// A disk of 64 KB, where this user may mount one. Installing has a test of its own.

const scratch = scratchFolder('full');
const disk = join(scratch, 'disk');
mkdirSync(disk);
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status === 0;
const env = { ORCHESTRA_CERTS_DIR: join(disk, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
const exported = join(scratch, 'web.pem');

afterAll(() => {
	if (isMounted) spawnSync('umount', [disk]);
});

describe.skipIf(!isMounted)('a full disk', () => {
	let before: string[] = [];

	beforeAll(async () => {
		for (const words of [
			['certs', 'init'],
			['certs', 'issue', 'web'],
			['certs', 'export', 'web', '--out', exported],
		]) {
			expect(await runCli(words, { env })).toMatchObject({ code: 0 });
		}
		const old = { dir: join(disk, 'old'), id: 'old', template: 'tool', runtime: 'node', version: 1 } as const;
		writeFiles(old.dir, Object.fromEntries(scaffoldFiles(old)));
		try {
			for (;;) appendFileSync(join(disk, 'ballast'), Buffer.alloc(4096));
		} catch {
			// Full.
		}
		before = contents();
	});

	/** What the disk holds, with sizes. */
	function contents(): string[] {
		return readdirSync(disk, { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name))
			.map((path) => `${path} ${statSync(path).size}`)
			.sort();
	}

	test.each([
		[['certs', 'issue', 'bob']],
		[['certs', 'renew', 'web']],
		[['certs', 'revoke', 'web']],
		[['certs', 'rotate']],
		[['certs', 'init', '--certs-dir', join(disk, 'other')]],
		[['certs', 'import', exported, '--certs-dir', join(disk, 'other')]],
		[['certs', 'export', 'web', '--out', join(disk, 'copy.pem')]],
		[['build', 'examples/weather', '--no-check', '--out', join(disk, 'dist')]],
		[['build', 'examples/weather', '--no-check', '--pack', '--out', join(disk, 'dist')]],
		[['init', join(disk, 'new'), '--no-install']],
		[['init', '--update', join(disk, 'old')]],
	])('%j: exit 1, a sentence, and what was there is as it was', async (words) => {
		const { code, stderr } = await runCli([...words, '--json'], { env });
		const { error } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as {
			error: { code: string; message: string; hint: string };
		};
		expect(error).toMatchObject({
			code: 'no_space',
			message: expect.stringMatching(/no space/i),
			hint: expect.stringContaining('Make room'),
		});
		expect(code).toBe(1);
		expect(contents()).toEqual(before);
	});

	test('where nothing has to be kept: the result', async () => {
		const { code, stdout } = await runCli(['call', 'examples/weather', 'forecast', 'city=Oslo', '--json'], {
			env: { ...env, ORCHESTRA_CACHE_DIR: join(disk, 'cache') },
		});
		expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('"Oslo"') });
	});
});
