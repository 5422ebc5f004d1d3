import { Flags } from '@oclif/core';
import { parseDuration } from './parse-duration.ts';

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
