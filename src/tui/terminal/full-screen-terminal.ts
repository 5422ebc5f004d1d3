import { FramePainter } from './frame-painter.ts';
import { HeldOutput } from './held-output.ts';
import { type ScreenSize, ScreenStream } from './screen-stream.ts';
import { TerminalWriter } from './terminal-writer.ts';

/**
 * The other screen, so that what was there before comes back; no cursor; marks around what is pasted. Lines that are too long are cut, not
 * carried over to the next: a frame that was laid out before the window was made narrower would leave their ends there.
 */
const enterText = '\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?7l\x1b[H';
const leaveText = '\x1b[0m\x1b[?2026l\x1b[?7h\x1b[?2004l\x1b[?25h\x1b[?1049l';

/** Milliseconds that the last frame gets to leave. */
const lastFrameMs = 500;

/** Reason why a terminal was given back without being asked for. */
export type TerminalLoss = 'gone' | 'hangup';

/** Options of taking a terminal. */
export interface TerminalOptions {
	/** Called with text that others print meanwhile. */
	readonly onText: (text: string) => void;
	/** Called once when the terminal is gone, or hangs up. */
	readonly onLoss: (loss: TerminalLoss) => void;
	/** Whether SIGHUP means that the terminal hangs up; false where it has a meaning of its own. */
	readonly hangsUp: boolean;
}

/**
 * The terminal of this process while somebody draws on all of it. It is given back at {@link leave}, and whenever the process ends
 * otherwise but by SIGKILL: then by a listener of its exit.
 */
export class FullScreenTerminal {
	/** Stream to draw on. */
	readonly screen: ScreenStream;
	readonly #options: TerminalOptions;
	readonly #writer: TerminalWriter;
	readonly #painter = new FramePainter();
	readonly #held: HeldOutput;
	#frame = '';
	/** Text to be written before the next frame. */
	#before = '';
	#lost = false;
	#left = false;

	constructor(options: TerminalOptions) {
		this.#options = options;
		this.#held = new HeldOutput(options.onText);
		this.#writer = new TerminalWriter(process.stdout.fd, () => this.#lose('gone'));
		this.screen = new ScreenStream(sizeOfTerminal, (frame) => {
			this.#frame = frame;
			this.#writer.offer(this.#paint);
		});
		process.once('exit', this.#leaveNow);
		process.stdout.on('resize', this.#resized);
		process.stdin.on('end', this.#onEnd).on('close', this.#onEnd).on('error', this.#onEnd);
		process.on('SIGCONT', this.#continued);
		if (options.hangsUp) process.on('SIGHUP', this.#onHangup);
		this.#writer.writeNow(enterText);
	}

	/** Gives the terminal back. */
	async leave(): Promise<void> {
		await this.#writer.settled(lastFrameMs);
		this.#leaveNow();
	}

	/** Hands a text to the clipboard of the terminal (OSC 52), which may be on another machine. */
	copy(text: string): void {
		this.#before += `\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`;
		this.#writer.offer(this.#paint);
	}

	readonly #paint = (): string => {
		if (this.#left) return '';
		const before = this.#before;
		this.#before = '';
		return before + this.#painter.paint(this.#frame, sizeOfTerminal().rows);
	};

	readonly #leaveNow = (): void => {
		if (this.#left) return;
		this.#left = true;
		process.off('exit', this.#leaveNow);
		process.stdout.off('resize', this.#resized);
		process.stdin.off('end', this.#onEnd).off('close', this.#onEnd).off('error', this.#onEnd);
		process.off('SIGCONT', this.#continued);
		process.off('SIGHUP', this.#onHangup);
		try {
			if (process.stdin.isRaw) process.stdin.setRawMode(false);
		} catch {
			// It is gone.
		}
		this.#writer.writeNow(leaveText);
		this.#writer.writeNow(this.#held.release());
	};

	readonly #resized = (): void => {
		this.#painter.forget();
		this.screen.emit('resize');
	};

	/** Somebody else had the terminal meanwhile. */
	readonly #continued = (): void => {
		try {
			process.stdin.setRawMode(true);
		} catch {
			return;
		}
		this.#writer.writeNow(enterText);
		this.#painter.forget();
		this.#writer.offer(this.#paint);
	};

	readonly #onEnd = (): void => this.#lose('gone');
	readonly #onHangup = (): void => this.#lose('hangup');

	#lose(loss: TerminalLoss): void {
		if (this.#lost || this.#left) return;
		this.#lost = true;
		this.#options.onLoss(loss);
	}
}

function sizeOfTerminal(): ScreenSize {
	const { columns, rows } = process.stdout;
	return { columns: columns || 80, rows: rows || 24 };
}
