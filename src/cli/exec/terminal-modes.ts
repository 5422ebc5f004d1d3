/** The modes that programs put a terminal into, and how they are taken back; a program that was left cannot do it itself. */
const undone =
	'\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?1l\x1b>\x1b[?25h\x1b[0m';

/** Watches output for whether a program shows its own screen, so that the user's can be brought back. */
export class TerminalModes {
	#tail = '';
	#alternate = false;
	#touched = false;

	/** Output that goes to the terminal. */
	see(data: Buffer): void {
		const text = this.#tail + data.toString('latin1');
		if (!this.#touched && text.includes('\x1b')) this.#touched = true;
		const on = Math.max(text.lastIndexOf('\x1b[?1049h'), text.lastIndexOf('\x1b[?47h'));
		const off = Math.max(text.lastIndexOf('\x1b[?1049l'), text.lastIndexOf('\x1b[?47l'));
		if (on !== off) this.#alternate = on > off;
		// A sequence may be cut in two.
		this.#tail = text.slice(-8);
	}

	/** Control sequences that bring the user's screen back; empty where none are needed. */
	get undo(): string {
		if (!this.#touched) return '';
		return this.#alternate ? `${undone}\x1b[?1049l` : undone;
	}
}
