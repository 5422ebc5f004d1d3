import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import type { FileChange, ScaffoldUpdate } from './plan-update.ts';

/**
 * Makes the changes of an update, all of them or none: everything is written aside before the first file is replaced.
 *
 * @throws OrchestraError `usage` where a file is not as it was when the update was planned, or the folder cannot be written; nothing is
 * changed then
 */
export function applyUpdate({ dir, changes }: ScaffoldUpdate): void {
	assertUnchanged(dir, changes);
	const suffix = `.${randomBytes(6).toString('hex')}.tmp`;
	const aside: string[] = [];
	const done: FileChange[] = [];
	try {
		for (const { file, before, after } of changes) {
			if (after === undefined) continue;
			const path = join(dir, file);
			aside.push(path + suffix);
			writeFileSync(path + suffix, after);
			if (before !== undefined) chmodSync(path + suffix, statSync(path).mode & 0o777);
		}
		assertUnchanged(dir, changes);
		for (const change of changes) {
			const path = join(dir, change.file);
			if (change.after === undefined) rmSync(path);
			else renameSync(path + suffix, path);
			done.push(change);
		}
	} catch (error) {
		for (const { file, before } of done.toReversed()) {
			if (before === undefined) rmSync(join(dir, file), { force: true });
			else writeFileSync(join(dir, file), before);
		}
		if (error instanceof OrchestraError) throw error;
		const isFull = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '');
		throw new OrchestraError(
			isFull ? 'no_space' : 'usage',
			`${dir} cannot be written: ${(error as Error).message}`,
			{
				hint: isFull
					? 'Nothing was changed. Make room and try again.'
					: 'Nothing was changed. The folder has to be one that you may write.',
				details: { dir },
				cause: error,
			},
		);
	} finally {
		for (const path of aside) rmSync(path, { force: true });
	}
}

/** @throws OrchestraError `usage` where somebody has changed a file meanwhile */
function assertUnchanged(dir: string, changes: readonly FileChange[]): void {
	for (const { file, before } of changes) {
		if (textOf(join(dir, file)) === before) continue;
		throw new OrchestraError('usage', `somebody has changed ${file} meanwhile`, {
			hint: 'Nothing was changed. Try again.',
			details: { dir, file },
		});
	}
}

function textOf(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
}
