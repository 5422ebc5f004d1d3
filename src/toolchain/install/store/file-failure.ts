import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';

/** Error of the file system as one of ours: the disk is full, or the folder cannot be used. */
export function fileFailure(path: string, error: unknown): OrchestraError {
	if (error instanceof OrchestraError) return error;
	const { code, message } = error as NodeJS.ErrnoException;
	if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
		return new OrchestraError('no_space', `there is no space left for ${path}: ${message}`, {
			hint: 'What was installed before is as it was. Make room and try again.',
			details: { path },
			cause: error,
		});
	}
	return new OrchestraError('registry_unusable', `${path} cannot be used: ${message}`, {
		hint: 'It has to be a folder that you may read and write. ORCHESTRA_HOME names another one.',
		details: { path },
		cause: error,
	});
}
