import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Address } from '../../src/runtime/carrier/address.ts';
import { ensureIdentity, launchPlugin } from '../../src/runtime/host.ts';
import { remote } from '../../src/runtime/hosting/remote-source.ts';
import { loadSeam } from '../../src/runtime/seams.ts';
import { bundleProgram } from '../support/bundle-program.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { samplerSeam } from './fixtures/sampler.ts';

const folder = scratchFolder('running');

test('G14 a plugin of ours that runs already is called, left as it is, and a stale number is refused', async () => {
	const certsDir = join(folder, 'certs');
	const program = await bundleProgram(new URL('fixtures/seams-plugin.ts', import.meta.url), folder);
	const plugin = await launchPlugin({ command: process.execPath, args: [program], certsDir, carrier: 'tcp' });
	try {
		const address = plugin.address as Address;
		const identity = await ensureIdentity(certsDir, 'second-host');
		for (let host = 0; host < 2; host++) {
			const seam = await loadSeam(samplerSeam, remote({ address, identity, pid: plugin.pid }));
			expect(await seam.client.double({ n: 4 })).toEqual({ n: 8 });
			await seam.close();
			expect(process.kill(plugin.pid, 0)).toBe(true);
		}
		const { pid } = spawnSync(process.execPath, ['-e', '0']);
		await expect(loadSeam(samplerSeam, remote({ address, identity, pid }))).rejects.toMatchObject({
			code: 'unreachable',
			message: expect.stringContaining(`no process ${pid} any more`),
		});
		expect(process.kill(plugin.pid, 0)).toBe(true);
	} finally {
		await plugin.stop();
	}
});
