import { PipeTerminal } from './pipe-terminal.ts';
import { PtyTerminal } from './pty-terminal.ts';
import type { TerminalFactory } from './terminal.ts';

/** Makes the terminals of this machine: a real one where a TTY is asked for, else three pipes. */
export const openTerminal: TerminalFactory = ({ tty, ...size }) =>
	tty ? new PtyTerminal(size) : new PipeTerminal(size);
