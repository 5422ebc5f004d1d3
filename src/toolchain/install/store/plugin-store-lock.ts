import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { isStaleLock, takeFileLock } from '../../file-lock.ts';
import { fileFailure } from './file-failure.ts';
import type { PluginStore } from './plugin-store.ts';

/** Work under the lock takes far less: files are fetched and made before. */
const waitMs = 30_000;

/**
 * Runs work while no other process of ours, and no other caller here, changes what is installed.
 *
 * The lock keeps writers from wasting work. That nothing is lost holds without it: files are replaced by a rename, and the registry is
 * compared with what was read right before that.
 *
 * @throws OrchestraError `registry_unusable`, retryable, where another process holds it for 30 s; `cancelled` when the signal aborts
 */
export async function withStoreLock<T>(
	store: PluginStore,
	work: () => T | Promise<T>,
	signal?: AbortSignal,
): Promise<T> {
	using _lock = await lockOf(join(store.dir, '.lock'), signal);
	return await work();
}

async function lockOf(path: string, signal: AbortSignal | undefined) {
	try {
		return await takeFileLock(path, {
			waitMs,
			signal,
			held: () =>
				new OrchestraError('registry_unusable', `another process is installing plugins (${path})`, {
					hint: `Try again. If nothing installs, remove ${path}.`,
					details: { path },
					retryable: true,
				}),
		});
	} catch (error) {
		throw fileFailure(path, error);
	}
}

/** Removes what processes left behind that were killed while they waited for the lock. */
export function removeLockLeftovers(store: PluginStore): void {
	for (const name of readdirSync(store.dir)) {
		const path = join(store.dir, name);
		if (/^\.lock\.[0-9a-f]{16}(\.old)?$/.test(name) && isStaleLock(path)) rmSync(path, { force: true });
	}
}
