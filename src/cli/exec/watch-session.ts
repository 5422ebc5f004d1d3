import { constants } from 'node:os';
import type { Attachment, AttachmentEnd } from '../../runtime/exec/attachment.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { writeStdout } from '../stdout.ts';
import { takeTerminal } from './raw-terminal.ts';
import { TerminalModes } from './terminal-modes.ts';

/** The key that leaves a session: Ctrl-]. */
export const detachKey = 0x1d;

/** How a session is watched. */
export interface WatchOptions {
	readonly signal: AbortSignal;
	readonly readOnly: boolean;
}

/** Connects this process's terminal with a session until it ends or is left. */
export async function watchOnTerminal(
	attachment: Attachment,
	{ signal, readOnly }: WatchOptions,
): Promise<AttachmentEnd> {
	const { stdin, stdout } = process;
	const modes = new TerminalModes();
	const giveBack = takeTerminal(() => modes.undo);
	const leave = () => attachment.detach();
	let typed = Promise.resolve();
	const onKeys = (data: Buffer) => {
		const at = data.indexOf(detachKey);
		const keys = at === -1 ? data : data.subarray(0, at);
		if (!readOnly && keys.length > 0) typed = typed.then(() => attachment.write(keys));
		if (at !== -1) void typed.then(leave);
	};
	let resizing = Promise.resolve();
	const onResize = () => {
		const { rows, columns: cols } = stdout;
		resizing = resizing.then(() => attachment.resize({ rows, cols }).catch(() => {}));
	};
	stdin.on('data', onKeys);
	if (!readOnly) {
		stdout.on('resize', onResize);
		onResize();
	}
	signal.addEventListener('abort', leave, { once: true });
	// A connection that was lost cannot say that we leave.
	const lost = new Promise<AttachmentEnd>((resolve) => {
		signal.addEventListener('abort', () => setTimeout(resolve, 1_000, { kind: 'detached', reason: '' }), {
			once: true,
		});
	});
	try {
		const shown = (async () => {
			for await (const { data } of attachment.output) {
				modes.see(data);
				if (!(await writeStdout(data))) leave();
			}
			return attachment.ended;
		})();
		return await Promise.race([shown, lost]);
	} finally {
		stdin.off('data', onKeys);
		stdout.off('resize', onResize);
		signal.removeEventListener('abort', leave);
		const end = await Promise.race([attachment.ended, lost]);
		// A program that has ended by itself has left the screen as it wants it.
		giveBack();
		if (end.kind !== 'closed') stdout.write('\r\n');
	}
}

/** Connects stdin, stdout and stderr with a session, byte for byte, until it ends. */
export async function watchOnPipes(
	attachment: Attachment,
	{ signal, readOnly }: WatchOptions,
): Promise<AttachmentEnd> {
	const stop = () => {
		void attachment
			.signal('SIGINT')
			.catch(() => {})
			.finally(() => attachment.detach());
	};
	signal.addEventListener('abort', stop, { once: true });
	const { stdin, stderr } = process;
	if (!readOnly) {
		void (async () => {
			try {
				for await (const data of stdin) await attachment.write(data as Buffer);
			} catch {
				// It was closed, or the session has ended.
			}
			attachment.endInput();
		})();
	}
	try {
		for await (const { target, data } of attachment.output) {
			if (target === 'stdout') {
				if (!(await writeStdout(data))) attachment.detach();
			} else if (!stderr.write(data)) {
				await new Promise<void>((resolve) => {
					stderr.once('drain', resolve);
					stderr.once('error', () => resolve());
				});
			}
		}
		return await attachment.ended;
	} finally {
		signal.removeEventListener('abort', stop);
		if (!readOnly) stdin.destroy();
	}
}

/** What a command exits with for the end of a session: the program's own code, 128 and its number for a signal. @throws what the session failed with */
export function exitCodeOfEnd(end: AttachmentEnd, id: string): number {
	if (end.kind === 'lost') throw end.error;
	if (end.kind === 'detached') return 0;
	if (end.error) {
		const { title, message, suggestion, retryable, retryCommands = [] } = end.error;
		const commands = retryCommands.length > 0 ? ` Try: ${retryCommands.join(', ')}.` : '';
		throw new OrchestraError('terminal_error', `session ${id}: ${title}: ${message}`, {
			hint: `${suggestion}${commands}`.trim() || undefined,
			retryable,
		});
	}
	const { code, signal } = end.exit;
	if (signal) return 128 + (constants.signals[signal as NodeJS.Signals] ?? 1);
	return code ?? 1;
}
