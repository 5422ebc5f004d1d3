import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { messageOf } from '../runtime/wire/thrown-value.ts';

/** Causes of causes that are looked at. */
const maxCauses = 8;

const compilerCodes = new Set<string>(['build_failed', 'plugin_load_failed']);

/** The refusal of the operating system behind an error, wherever in its chain of causes it is; undefined for none. */
export function systemFailure(error: unknown): OrchestraError | undefined {
	// The compiler opens files too, and tells of it in a text.
	if (
		error instanceof OrchestraError &&
		compilerCodes.has(error.code) &&
		/too many open files/.test(error.message)
	) {
		return tooManyFiles(error, 'EMFILE');
	}
	let cause: unknown = error;
	for (let i = 0; i < maxCauses && typeof cause === 'object' && cause !== null; i++) {
		const { code } = cause as NodeJS.ErrnoException;
		if (code === 'EMFILE' || code === 'ENFILE') return tooManyFiles(error, code);
		if (code === 'ENOSPC' || code === 'EDQUOT') return noSpace(error);
		cause = (cause as Error).cause;
	}
	return undefined;
}

/** Those who say that the disk is full say what that means for their files as well. */
function noSpace(error: unknown): OrchestraError {
	const said = error instanceof OrchestraError;
	if (said && (error.code === 'no_space' || error.code === 'output_failed')) return error;
	return new OrchestraError('no_space', said ? error.message : `the disk is full: ${messageOf(error)}`, {
		hint: 'Make room and try again.',
		details: said ? error.details : undefined,
		cause: error,
	});
}

function tooManyFiles(cause: unknown, code: string): OrchestraError {
	const whose = code === 'EMFILE' ? 'this process' : 'this machine';
	return new OrchestraError('too_many_files', `${whose} may not open any more files (${code})`, {
		hint: 'Raise the limit: ulimit -n 4096, or LimitNOFILE=4096 of a systemd service.',
		details: { reason: code },
		cause,
	});
}
