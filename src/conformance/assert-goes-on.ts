import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

/** @throws OrchestraError `cancelled` where a signal has aborted */
export function assertGoesOn(signal: AbortSignal | undefined): void {
	if (signal?.aborted) throw new OrchestraError('cancelled', 'the test was interrupted');
}
