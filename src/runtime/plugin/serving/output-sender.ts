import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import { wellFormed } from '../../wire/well-formed.ts';

/** UTF-16 units of output that may wait where the handler does not. */
const maxWaitingOutput = 1024 * 1024;

/** UTF-16 units in one response, at most. */
const maxDelta = 64 * 1024;

/**
 * Sends what one call puts out, as fast as its caller reads. What comes meanwhile waits, up to {@link maxWaitingOutput}; more is
 * dropped, and a line in its place says how much.
 */
export class OutputSender {
	readonly #exchange: IncomingExchange;
	#waiting = '';
	#dropped = 0;
	/** Settles when the caller has room, and what waited was sent; undefined where it has room now. */
	#behind: Promise<void> | undefined;
	#ended = false;

	constructor(exchange: IncomingExchange) {
		this.#exchange = exchange;
	}

	/** A promise where the caller is behind. What comes after the end of the call is dropped. */
	send(text: string): Promise<void> | undefined {
		if (this.#ended || this.#gone || text === '') return undefined;
		if (this.#waiting.length + text.length <= maxWaitingOutput) this.#waiting += text;
		else this.#dropped += text.length;
		this.#behind ??= this.#flush();
		return this.#behind;
	}

	/** The call is about to end: what waits goes ahead of its result. */
	end(): void {
		this.#ended = true;
		if (this.#gone) return;
		while (this.#waiting !== '' || this.#dropped > 0) void this.#sendNext();
	}

	get #gone(): boolean {
		return this.#exchange.finished || this.#exchange.cancelled !== undefined;
	}

	#flush(): Promise<void> | undefined {
		while (this.#waiting !== '' || this.#dropped > 0) {
			if (this.#gone) return undefined;
			const room = this.#sendNext();
			if (room) {
				return room.then(() => {
					this.#behind = undefined;
					if (this.#ended) return;
					const more = this.#flush();
					this.#behind = more;
					return more;
				});
			}
		}
		return undefined;
	}

	#sendNext(): Promise<void> | undefined {
		let output = this.#waiting.slice(0, maxDelta);
		// A character that UTF-16 writes as two units is not cut in two.
		if (output.length === maxDelta && isFirstHalf(output.charCodeAt(maxDelta - 1)))
			output = output.slice(0, -1);
		this.#waiting = this.#waiting.slice(output.length);
		if (output === '') {
			output = `\n[${this.#dropped} characters of output are missing here: the caller was behind]\n`;
			this.#dropped = 0;
		}
		return this.#exchange.send({ progress: { output: wellFormed(output) } });
	}
}

function isFirstHalf(unit: number): boolean {
	return unit >= 0xd800 && unit <= 0xdbff;
}
