import { chmod, chown, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCertsDir } from '../../src/runtime/identity/directory/certs-directory.ts';
import { faultOf } from './fixtures/fault-of.ts';
import { temporaryDir } from './fixtures/temporary-dir.ts';

const isAdministrator = process.getuid?.() === 0;
const somebody = 54_321;

async function folders(): Promise<{ above: string; certs: string }> {
	const above = join(await temporaryDir(), 'above');
	const certs = join(above, 'certs');
	await mkdir(certs, { recursive: true, mode: 0o700 });
	await chmod(above, 0o755);
	return { above, certs };
}

describe.skipIf(process.platform === 'win32')('a certificates directory', () => {
	test.each([0o775, 0o757, 0o777])(
		'that others can write to (%o) is refused, with the command that mends it',
		async (mode) => {
			const { certs } = await folders();
			await chmod(certs, mode);
			expect(await faultOf(openCertsDir(certs, false))).toMatchObject({
				code: 'certs_dir_unusable',
				message: expect.stringContaining(certs),
				hint: expect.stringContaining(`chmod go-w ${certs}`),
			});
		},
	);

	test('in one where others can put another in its place is refused, and is not where they cannot', async () => {
		const { above, certs } = await folders();
		await chmod(above, 0o757);
		const expected = { code: 'certs_dir_unusable', details: { path: above } };
		expect(await faultOf(openCertsDir(certs, false))).toMatchObject(expected);
		// By whatever name.
		const links = join(await temporaryDir(), 'links');
		await mkdir(links, { recursive: true });
		const link = join(links, 'link');
		await symlink(certs, link);
		expect(await faultOf(openCertsDir(link, false))).toMatchObject(expected);
		await chmod(above, 0o1777);
		expect(await openCertsDir(certs, false)).toBe(certs);
	});

	test.runIf(isAdministrator)('of another user is refused, and so is one below his', async () => {
		const { above, certs } = await folders();
		await chown(certs, somebody, somebody);
		expect(await faultOf(openCertsDir(certs, false))).toMatchObject({
			code: 'certs_dir_unusable',
			details: { path: certs, uid: somebody },
		});
		await chown(certs, 0, 0);
		await chown(above, somebody, somebody);
		expect(await faultOf(openCertsDir(certs, false))).toMatchObject({
			details: { path: above, uid: somebody },
		});
		await chown(above, 0, somebody);
		await chmod(above, 0o775);
		expect(await faultOf(openCertsDir(certs, false))).toMatchObject({ details: { path: above } });
	});
});
