import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { readDuration } from '../toolchain/duration.ts';

/** Reads `500ms`, `5s`, `2m`, `1h`, `10d` or a number of seconds, in milliseconds. @throws OrchestraError `usage` */
export function parseDuration(text: string): number {
	const value = readDuration(text, 's');
	if (value === undefined) {
		throw new OrchestraError('usage', `${JSON.stringify(text)} is not a duration`, {
			hint: 'Write 500ms, 5s or 2m; a bare number counts seconds. It has to be more than 0.',
		});
	}
	return value;
}
