/** Begin and end of what the terminal shows at once. Terminals that do not know them ignore them. */
const beginFrame = '\x1b[?2026h';
const endFrame = '\x1b[?2026l';

/**
 * Turns frames into what a terminal has to be told: the lines that differ from those it shows, each at its own place, so that one
 * line that the terminal lays out otherwise than we do moves no other.
 */
export class FramePainter {
	#shown: string[] | undefined;

	/** Forgets what the terminal shows: it is cleared and painted whole. */
	forget(): void {
		this.#shown = undefined;
	}

	/** Text that makes the terminal show a frame; empty where it does already. @param rows lines that it has */
	paint(frame: string, rows: number): string {
		const lines = frame.split('\n').slice(0, rows);
		const shown = this.#shown;
		this.#shown = lines;
		let text = shown ? '' : '\x1b[0m\x1b[2J';
		const count = Math.max(lines.length, shown?.length ?? 0);
		for (let i = 0; i < count; i++) {
			const line = lines[i] ?? '';
			if (shown ? line === (shown[i] ?? '') : line === '') continue;
			// The rest of the line is cleared first: behind a line that fills it, the cursor stands on its last character.
			text += `\x1b[${i + 1};1H\x1b[0m\x1b[2K${line}`;
		}
		return text === '' ? '' : `${beginFrame}${text}\x1b[0m${endFrame}`;
	}
}
