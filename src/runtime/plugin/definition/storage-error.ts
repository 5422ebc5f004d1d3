import { ToolError } from '../../wire/orchestra-error.ts';

/** The error of a storage handler for an entry that is not there. Code `storage_not_found`. */
export function storageNotFound(path: string): ToolError {
	return new ToolError('storage_not_found', `nothing is stored at ${JSON.stringify(path)}`, {
		details: { path },
	});
}

/**
 * The error of a storage handler for a write over another version than the one expected. Code `storage_conflict`.
 *
 * @param currentVersion the version that the entry has; 0 where there is none
 */
export function storageConflict(path: string, expectedVersion: number, currentVersion: number): ToolError {
	const found = currentVersion === 0 ? 'there is no entry' : `it is at version ${currentVersion}`;
	const wanted = expectedVersion === 0 ? 'no entry' : `version ${expectedVersion}`;
	return new ToolError(
		'storage_conflict',
		`${JSON.stringify(path)} cannot be written over ${wanted}: ${found}`,
		{
			details: { path, expectedVersion, currentVersion },
			hint: 'Read it again and write over the version that you read.',
		},
	);
}
