import { Flags } from '@oclif/core';
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

/** A flag whose value {@link parseDuration} reads. */
export async function checkDuration(text: string): Promise<string> {
	parseDuration(text);
	return text;
}

/** Longest time that a command may wait for an answer. */
export const timeoutFlag = Flags.string({
	description: 'How long to wait for the answer: 500ms, 5s, 2m. [default: 60s]',
	helpValue: 'DURATION',
	parse: checkDuration,
});
