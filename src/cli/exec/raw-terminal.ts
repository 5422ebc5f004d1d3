import { writeSync } from 'node:fs';

/** Signals at which this process would end with the terminal as it is. */
const deadly = ['SIGHUP', 'SIGQUIT'] as const;

/**
 * Takes the user's terminal: keys come as they are typed. What it returns gives it back, which also happens when this process ends
 * in whatever way it can notice.
 *
 * @param lent whether somebody has it before and afterwards, who minds the signals then
 */
export function takeTerminal(
	undo: () => string,
	{ lent = false }: { readonly lent?: boolean | undefined } = {},
): () => void {
	const { stdin } = process;
	let given = false;
	const giveBack = () => {
		if (given) return;
		given = true;
		process.off('exit', giveBack);
		for (const signal of deadly) process.off(signal, end);
		try {
			stdin.setRawMode(false);
		} catch {
			// The terminal is gone.
		}
		// The lender of stdin reads on; and Deno does not begin again to read what was paused.
		if (!lent) stdin.pause();
		const text = undo();
		if (text === '') return;
		try {
			// At once: the process may be about to end.
			writeSync(1, text);
		} catch {
			// The terminal is gone, as above, or it does not take anything now.
		}
	};
	const end = () => {
		giveBack();
		process.exit(129);
	};
	process.on('exit', giveBack);
	if (!lent) for (const signal of deadly) process.on(signal, end);
	stdin.setRawMode(true);
	return giveBack;
}
