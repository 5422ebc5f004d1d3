import type { ErrorCode } from '../../src/runtime/wire/error-code.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';

/** Passes over an error that an input may cause; whatever else was thrown, by or behind it, is thrown again. */
export function allow(error: unknown, codes: readonly ErrorCode[]): void {
	if (!(error instanceof OrchestraError) || !(codes as readonly string[]).includes(error.code)) throw error;
	// A fault inside the code itself would be wrapped, with what it was as the cause.
	let cause: unknown = error.cause;
	while (cause instanceof OrchestraError) cause = cause.cause;
	if (
		cause !== undefined &&
		!/encoded data was not valid|JSON|ENOENT|EISDIR|ENOTDIR|null bytes/.test(String(cause))
	) {
		throw cause;
	}
}
