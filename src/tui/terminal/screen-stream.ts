import { EventEmitter } from 'node:events';

/** The size of a terminal. */
export interface ScreenSize {
	readonly columns: number;
	readonly rows: number;
}

/**
 * Stream that ink draws on: takes each frame as a whole, and tells the size. ink's own way to update a terminal counts lines from where the
 * cursor happens to be, which a resize or a single line that is laid out otherwise puts out of order.
 */
export class ScreenStream extends EventEmitter {
	/** Not a terminal, to ink: so it sends frames, and nothing that a terminal obeys. */
	readonly isTTY = false;
	readonly #size: () => ScreenSize;
	readonly #onFrame: (frame: string) => void;

	constructor(size: () => ScreenSize, onFrame: (frame: string) => void) {
		super();
		this.#size = size;
		this.#onFrame = onFrame;
	}

	get columns(): number {
		return this.#size().columns;
	}

	get rows(): number {
		return this.#size().rows;
	}

	write(frame: string, done?: () => void): boolean {
		if (frame !== '') this.#onFrame(frame);
		done?.();
		return true;
	}
}
