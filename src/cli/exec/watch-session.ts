import { constants } from 'node:os';
import type { Attachment, AttachmentEnd } from '../../runtime/exec/attachment.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { writeStdout } from '../stdout.ts';
import { takeTerminal } from './raw-terminal.ts';
import { TerminalModes } from './terminal-modes.ts';
import { TypedKeys } from './typed-keys.ts';

/** The key that leaves a session: Ctrl-]. */
export const detachKey = 0x1d;

/** Milliseconds that the other end gets to answer that we leave: it may be gone. */
const leaveMs = 1_000;

/** Milliseconds that what was typed before the detach key gets to leave. */
const lastKeysMs = 250;

/** Milliseconds that a program gets to end when it is interrupted. */
const lastWordsMs = 2_000;

/** Options of watching a session. */
export interface SessionWatchOptions {
	readonly signal: AbortSignal;
	readonly readOnly: boolean;
	/** Whether the session ends with this process, which then ends it properly when it is interrupted. Default false. */
	readonly ends?: boolean | undefined;
	/** Writes to the terminal; false where it is gone. Default: to stdout. */
	readonly write?: ((data: Uint8Array) => Promise<boolean>) | undefined;
	/** Whether somebody else has the terminal before and afterwards, and minds the signals. Default false: SIGHUP and SIGQUIT end this process. */
	readonly lent?: boolean | undefined;
}

/** Connects this process's terminal with a session until it ends or is left. */
export async function watchOnTerminal(
	attachment: Attachment,
	{ signal, readOnly, write = writeStdout, lent }: SessionWatchOptions,
): Promise<AttachmentEnd> {
	const { stdin, stdout } = process;
	const modes = new TerminalModes();
	const giveBack = takeTerminal(() => modes.undo, { lent });
	let timer: ReturnType<typeof setTimeout> | undefined;
	let left: (end: AttachmentEnd) => void = () => {};
	// A connection that was lost, or a peer that hangs, cannot say that we have left.
	const gone = new Promise<AttachmentEnd>((resolve) => {
		left = resolve;
	});
	const leave = () => {
		attachment.detach();
		timer ??= setTimeout(left, leaveMs, { kind: 'detached', reason: '' });
	};
	const keys = new TypedKeys(attachment, () => void write(Buffer.from('\x07')));
	const onKeys = (read: Buffer | string) => {
		// Text where somebody has set an encoding, which cannot be taken back: it is latin1 then.
		const data = typeof read === 'string' ? Buffer.from(read, 'latin1') : read;
		const at = data.indexOf(detachKey);
		if (!readOnly) keys.type(at === -1 ? data : data.subarray(0, at));
		if (at !== -1) void keys.sent(lastKeysMs).then(leave);
	};
	let resizing = Promise.resolve();
	const onResize = () => {
		const { rows, columns: cols } = stdout;
		// A window can be made so small that it has none.
		if (!(rows > 0 && cols > 0)) return;
		resizing = resizing.then(() => attachment.resize({ rows, cols }).catch(() => {}));
	};
	// The terminal itself is gone.
	for (const event of ['end', 'close', 'error']) stdin.on(event, leave);
	stdin.on('data', onKeys);
	if (!readOnly) {
		stdout.on('resize', onResize);
		onResize();
	}
	signal.addEventListener('abort', leave, { once: true });
	if (signal.aborted) leave();
	try {
		const shown = (async () => {
			for await (const { data } of attachment.output) {
				modes.see(data);
				if (!(await write(data))) leave();
			}
			return attachment.ended;
		})();
		return await Promise.race([shown, gone]);
	} finally {
		stdin.off('data', onKeys);
		for (const event of ['end', 'close', 'error']) stdin.off(event, leave);
		stdout.off('resize', onResize);
		signal.removeEventListener('abort', leave);
		const end = await Promise.race([attachment.ended, gone]);
		clearTimeout(timer);
		// A program that has ended by itself has left the screen as it wants it.
		giveBack();
		if (end.kind !== 'closed') stdout.write('\r\n');
	}
}

/** Connects stdin, stdout and stderr with a session, byte for byte, until it ends. */
export async function watchOnPipes(
	attachment: Attachment,
	{ signal, readOnly, ends = false }: SessionWatchOptions,
): Promise<AttachmentEnd> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const stop = () => {
		// The last output of a program is shown where it comes in time.
		timer = setTimeout(() => attachment.detach(), lastWordsMs);
		// Its plugin may be stopping already, and end it.
		if (ends) attachment.close().catch(() => {});
		else attachment.signal('SIGINT').catch(() => attachment.detach());
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
		clearTimeout(timer);
		signal.removeEventListener('abort', stop);
		if (!readOnly) stdin.destroy();
	}
}

/** Exit code of a command for the end of a session: the program's own, or 128 and the number of its signal. @throws the error that the session failed with */
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
