import { ToolError } from '../wire/orchestra-error.ts';

/** Whether the system refused to write since there is no room: on the disk, in a quota, or in a file as large as it may become. */
export function isFullDisk(error: unknown): boolean {
	return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}

/** Refusal of a write to an entry for which there is no room. */
export function noSpace(path: string, cause: unknown): ToolError {
	return new ToolError('no_space', `the disk is full: ${JSON.stringify(path)} is as it was`, {
		hint: 'Make room and try again.',
		cause,
		retryable: true,
		details: { path },
	});
}
