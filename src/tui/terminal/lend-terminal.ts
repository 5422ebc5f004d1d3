import { watchOnTerminal } from '../../cli/exec/watch-session.ts';
import type { AttachmentEnd } from '../../runtime/exec/attachment.ts';
import type { WatchedTerminal } from '../feed/terminals.ts';
import type { TerminalOptions } from './full-screen-terminal.ts';
import { HeldOutput } from './held-output.ts';

/** Program that a terminal is lent to, and until when. */
export interface LoanOptions extends TerminalOptions {
	/** Aborting it takes the terminal back: the session is left. */
	readonly signal: AbortSignal;
}

/**
 * Lends the terminal of this process, which nobody draws on, to a session until it ends or is left. What others print meanwhile is held.
 *
 * @returns what became of the session, in a sentence
 */
export async function lendTerminal(
	{ attachment, close }: WatchedTerminal,
	{ signal, onText, onLoss, hangsUp }: LoanOptions,
): Promise<string> {
	const { stdin, stdout } = process;
	const held = new HeldOutput(onText);
	const back = new AbortController();
	const takeBack = () => back.abort();
	const lose = (loss: Parameters<TerminalOptions['onLoss']>[0]) => () => {
		takeBack();
		onLoss(loss);
	};
	const gone = lose('gone');
	const hangup = lose('hangup');
	signal.addEventListener('abort', takeBack, { once: true });
	if (signal.aborted) takeBack();
	for (const event of ['end', 'close', 'error']) stdin.on(event, gone);
	if (hangsUp) process.on('SIGHUP', hangup);
	try {
		const { id } = attachment.session;
		await held.write(Buffer.from(`\r\n\x1b[2m── ${id} · ctrl+] comes back ──\x1b[0m\r\n`));
		// Whoever drew before has let go of it, and had keys as text: now they are wanted byte for byte.
		stdin.ref();
		stdin.setEncoding('latin1');
		const end = await watchOnTerminal(attachment, {
			signal: back.signal,
			readOnly: false,
			lent: true,
			write: (data) => held.write(data),
		});
		return sentence(id, end);
	} finally {
		for (const event of ['end', 'close', 'error']) stdin.off(event, gone);
		process.off('SIGHUP', hangup);
		signal.removeEventListener('abort', takeBack);
		const text = held.release();
		if (text !== '') stdout.write(text);
		await close();
	}
}

function sentence(id: string, end: AttachmentEnd): string {
	if (end.kind === 'lost') throw end.error;
	if (end.kind === 'detached') return `left ${id}${end.reason ? `: ${end.reason}` : '; it goes on'}`;
	if (end.error) return `${id} failed: ${end.error.title}: ${end.error.message}`;
	const { code, signal } = end.exit;
	return signal ? `${id} was ended by ${signal}` : `${id} has ended with exit code ${code ?? 'unknown'}`;
}
