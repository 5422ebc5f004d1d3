import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

/** Whether a person sits at a terminal that can be drawn on: both ends of it, and not a log of CI. */
export function hasTerminal(): boolean {
	const { stdin, stdout, env } = process;
	return stdin.isTTY === true && stdout.isTTY === true && !env.CI && env.TERM !== 'dumb';
}

/**
 * Refuses what needs a terminal, where there is none.
 *
 * @param what the command or flag, for the message
 * @param json whether a program is to read the output
 * @throws OrchestraError `usage`
 */
export function assertTerminal(what: string, hint: string, json = false): void {
	const { stdin, stdout, env } = process;
	if (json) throw new OrchestraError('usage', `${what} is for people, --json for programs`, { hint });
	if (stdin.isTTY && stdout.isTTY && env.TERM !== 'dumb') return;
	throw new OrchestraError('usage', `${what} needs a terminal`, { hint });
}
