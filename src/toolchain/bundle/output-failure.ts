import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** Error for a folder that cannot be written. What an earlier build wrote there is as it was. */
export function outputFailure(dir: string, error: unknown): OrchestraError {
	if (error instanceof OrchestraError) return error;
	const { code, message } = error as NodeJS.ErrnoException;
	if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
		return new OrchestraError('no_space', `${dir} cannot be written: ${message}`, {
			hint:
				code === 'EFBIG'
					? 'Raise the limit on the size of a file, ulimit -f, and try again. What was there is as it was.'
					: 'Make room and try again. What was there is as it was.',
			details: { dir },
			cause: error,
		});
	}
	const why =
		code === 'EEXIST' || code === 'ENOTDIR'
			? 'a part of that path is a file'
			: code === 'EISDIR' || code === 'ENOTEMPTY'
				? 'there is a folder with the name of a file of the build'
				: message;
	return new OrchestraError('usage', `${dir} cannot be written: ${why}`, {
		hint: 'Choose another folder with --out.',
		details: { dir },
		cause: error,
	});
}
