import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { projectRoot } from './run-cli.ts';

/** What a command showed on a terminal, with its colours. */
export interface TerminalResult {
	readonly code: number;
	readonly text: string;
}

/** Ends what a command showed, and begins its exit code. */
const mark = '\x1e';

/**
 * Runs the executable on a terminal of its own, to its end.
 *
 * A shell keeps the terminal open until all of it is read: 200 ms after a process has ended, node-pty throws away what it has not read yet,
 * which on a busy machine may be the last page.
 */
export function runInTerminal(
	words: readonly string[],
	columns: number,
	env: Record<string, string> = {},
): Promise<TerminalResult> {
	const { CI: _ci, NO_COLOR: _noColor, FORCE_COLOR: _forced, ...rest } = process.env;
	return new Promise((resolve, reject) => {
		const script = '"$0" "$@"; printf \'\\036%d\\036\' $?; read -r line';
		const command = [process.execPath, join(projectRoot, 'bin/orchestra.js'), ...words];
		const terminal = spawn('/bin/sh', ['-c', script, ...command], {
			cols: columns,
			rows: 50,
			cwd: projectRoot,
			env: { ...rest, TERM: 'xterm-256color', ...env } as Record<string, string>,
		});
		let text = '';
		terminal.onData((data) => {
			text += data;
			const [shown = '', code, end] = text.split(mark);
			if (end === undefined) return;
			resolve({ code: Number(code), text: shown.replaceAll('\r\n', '\n') });
			terminal.write('\n');
		});
		terminal.onExit(() => reject(new Error(`the terminal has closed after ${JSON.stringify(text)}`)));
	});
}
