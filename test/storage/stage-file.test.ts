import { mkdtempSync, rmSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { stageFile } from '../../src/runtime/storage/markdown/stage-file.ts';

test('an entry is on the disk before it has its name, and so is the name in the end', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'orchestra-staged-'));
	const path = join(folder, 'a.md');
	const probe = await open(folder, 'r');
	await probe.close();
	const sync = vi.spyOn(Object.getPrototypeOf(probe), 'sync');
	/** What the entry was each time that something was synced. */
	const found: string[] = [];
	sync.mockImplementation(async () => {
		found.push(await readFile(path, 'utf8').catch(() => 'absent'));
	});
	try {
		for (const text of ['one', 'two']) await (await stageFile(path, text)).commit();
		expect(found).toEqual(['absent', 'one', 'one', 'two']);
	} finally {
		sync.mockRestore();
		rmSync(folder, { recursive: true, force: true });
	}
});
