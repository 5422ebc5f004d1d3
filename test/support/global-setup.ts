import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
	export interface ProvidedContext {
		/** A file with the path of each scratch folder of this run, one a line. */
		scratchFolders: string;
	}
}

/** Before all tests: those that run the executable run the sources as they are now. @returns what is done after all */
export default function setUp({ provide }: TestProject): () => void {
	const root = fileURLToPath(new URL('../../', import.meta.url));
	const built = spawnSync(process.execPath, ['scripts/build.mjs', '--if-stale'], {
		cwd: root,
		stdio: 'inherit',
	});
	if (built.status !== 0) throw new Error('the build failed: nothing can be tested');
	const folder = mkdtempSync(join(tmpdir(), 'orchestra-run-'));
	const list = join(folder, 'scratch-folders');
	writeFileSync(list, '');
	provide('scratchFolders', list);
	return () => {
		// Those of files whose tests were all skipped, or whose process was killed: no hook of theirs has run.
		for (const path of readFileSync(list, 'utf8').split('\n').filter(Boolean)) {
			rmSync(path, { recursive: true, force: true });
		}
		rmSync(folder, { recursive: true, force: true });
	};
}
