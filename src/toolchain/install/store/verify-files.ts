import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import type { InstallRecord } from './integrity.ts';
import { digestFiles, type FileDigest } from './tree-digest.ts';

/**
 * Checks that a folder holds just the files that were installed, byte for byte.
 *
 * @throws OrchestraError `integrity_failed` with the files that differ
 */
export function verifyFiles(folder: string, record: InstallRecord): void {
	const faults = faultsOf(folder, record);
	if (faults.length === 0) return;
	const [first = '', ...more] = faults;
	throw new OrchestraError(
		'integrity_failed',
		`plugin ${record.id} is not what was installed: ${first}${more.length > 0 ? ` and ${more.length} more` : ''} in ${folder}`,
		{
			hint: `It is not started. Install it again: orchestra install ${record.source}`,
			details: { id: record.id, folder, faults },
		},
	);
}

/** Whether a folder holds just the files that were installed. */
export function isWhole(folder: string, record: InstallRecord): boolean {
	return faultsOf(folder, record).length === 0;
}

function faultsOf(folder: string, record: InstallRecord): string[] {
	let found: Record<string, FileDigest>;
	try {
		found = digestFiles(folder);
	} catch (error) {
		return [(error as Error).message];
	}
	const faults: string[] = [];
	for (const [path, wanted] of Object.entries(record.files)) {
		const is = Object.hasOwn(found, path) ? found[path] : undefined;
		if (!is) faults.push(`${path} is missing`);
		else if (is.sha256 !== wanted.sha256) faults.push(`${path} was changed`);
		else if (is.executable !== wanted.executable) faults.push(`${path} has other permissions`);
	}
	for (const path of Object.keys(found)) {
		if (!Object.hasOwn(record.files, path)) faults.push(`${path} was added`);
	}
	return faults;
}
