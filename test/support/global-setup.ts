import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Tests that run the executable run the sources as they are now. */
export default function buildOnce(): void {
	const root = fileURLToPath(new URL('../../', import.meta.url));
	const built = spawnSync(process.execPath, ['scripts/build.mjs', '--if-stale'], {
		cwd: root,
		stdio: 'inherit',
	});
	if (built.status !== 0) throw new Error('the build failed: nothing can be tested');
}
