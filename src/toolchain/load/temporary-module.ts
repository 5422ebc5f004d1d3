import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { checksum } from './file-stamp.ts';
import { type CompiledCode, compiledName, withMapLink } from './module-cache.ts';

/**
 * Puts a compiled module where there is no cache: into a folder of its own that only this user can read, which is gone when this
 * process exits.
 *
 * @returns where it lies
 * @throws OrchestraError `plugin_load_failed` where nothing can be written there either
 */
export function writeTemporaryModule(entry: string, { code, map }: CompiledCode): string {
	let folder: string | undefined;
	const remove = () => folder !== undefined && rmSync(folder, { recursive: true, force: true });
	try {
		folder = mkdtempSync(join(realpathSync(tmpdir()), 'orchestra-module-'));
		process.once('exit', remove);
		const name = compiledName(checksum(code));
		const file = join(folder, name);
		writeFileSync(file, withMapLink(code, name), { mode: 0o600 });
		writeFileSync(`${file}.map`, map, { mode: 0o600 });
		return file;
	} catch (error) {
		remove();
		const why = error instanceof Error ? error.message : String(error);
		throw new OrchestraError(
			'plugin_load_failed',
			`${entry} was compiled, but there is no place for it: ${why}`,
			{
				hint: 'Make room, or let ORCHESTRA_CACHE_DIR or TMPDIR name a folder that can be written.',
				details: { path: entry },
				cause: error,
			},
		);
	}
}
