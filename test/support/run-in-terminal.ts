import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { keepToTheEnd } from './keep-to-the-end.ts';
import { projectRoot } from './run-cli.ts';

/** What a command showed on a terminal, with its colours. */
export interface TerminalResult {
	readonly code: number;
	readonly text: string;
}

/** Runs the executable on a terminal of its own, to its end. */
export function runInTerminal(
	words: readonly string[],
	columns: number,
	env: Record<string, string> = {},
): Promise<TerminalResult> {
	const { CI: _ci, NO_COLOR: _noColor, FORCE_COLOR: _forced, ...rest } = process.env;
	return new Promise((resolve) => {
		const terminal = spawn(process.execPath, [join(projectRoot, 'bin/orchestra.js'), ...words], {
			cols: columns,
			rows: 50,
			cwd: projectRoot,
			env: { ...rest, TERM: 'xterm-256color', ...env } as Record<string, string>,
		});
		const release = keepToTheEnd(terminal);
		let text = '';
		terminal.onData((data) => {
			text += data;
		});
		terminal.onExit(({ exitCode }) => {
			release();
			resolve({ code: exitCode, text: text.replaceAll('\r\n', '\n') });
		});
	});
}
