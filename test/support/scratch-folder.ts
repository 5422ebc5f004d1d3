import { appendFileSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, inject } from 'vitest';

/**
 * A new empty folder, by its real path, for the tests of the file or of the `describe` in which this is called. It is removed after them, and
 * after what those close that were registered later; at the end of the run at the latest.
 *
 * @param topic stands in its name, for whoever finds one that was left behind
 */
export function scratchFolder(topic: string): string {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), `orchestra-${topic}-`)));
	// Nobody provides it where tests are run without the set-up, as those of mutants are.
	const list: string | undefined = inject('scratchFolders');
	if (list !== undefined) appendFileSync(list, `${folder}\n`);
	afterAll(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}
