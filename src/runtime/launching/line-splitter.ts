/** Bytes of the longest line that is kept in one piece. */
export const defaultMaxLineBytes = 64 * 1024;

const newline = 0x0a;

/**
 * Cuts bytes into lines of UTF-8, without their line ends. A line over the limit comes in pieces of that size, so that a
 * process that never ends its line costs no more memory than one that does. Bytes that are no UTF-8 become U+FFFD.
 */
export class LineSplitter {
	readonly #onLine: (line: string) => void;
	readonly #maxBytes: number;
	readonly #onLongLine: (() => void) | undefined;
	#pending: Uint8Array[] = [];
	#pendingBytes = 0;

	/** @param onLongLine called in place of the pieces, which are dropped: for a reader that takes nothing more then */
	constructor(
		onLine: (line: string) => void,
		maxBytes: number = defaultMaxLineBytes,
		onLongLine?: () => void,
	) {
		this.#onLine = onLine;
		this.#maxBytes = maxBytes;
		this.#onLongLine = onLongLine;
	}

	push(chunk: Uint8Array): void {
		let start = 0;
		for (;;) {
			const end = chunk.indexOf(newline, start);
			this.#add(chunk.subarray(start, end === -1 ? chunk.length : end));
			if (end === -1) return;
			this.#flush();
			start = end + 1;
		}
	}

	/** Nothing more will come: what is left is the last line. */
	end(): void {
		if (this.#pendingBytes > 0) this.#flush();
	}

	#add(part: Uint8Array): void {
		let rest = part;
		while (this.#pendingBytes + rest.length > this.#maxBytes) {
			const whole = this.#take(rest);
			if (this.#onLongLine) {
				this.#onLongLine();
				return;
			}
			const cut = characterBoundary(whole, this.#maxBytes);
			this.#onLine(decode(whole.subarray(0, cut)));
			rest = whole.subarray(cut);
		}
		if (rest.length > 0) {
			this.#pending.push(rest);
			this.#pendingBytes += rest.length;
		}
	}

	#flush(): void {
		const line = this.#take(undefined);
		this.#onLine(decode(line.at(-1) === 0x0d ? line.subarray(0, -1) : line));
	}

	/** Joins the pending bytes and more. */
	#take(more: Uint8Array | undefined): Uint8Array {
		if (more && this.#pendingBytes === 0) return more;
		if (more) this.#pending.push(more);
		const [only] = this.#pending;
		const all = this.#pending.length === 1 && only ? only : Buffer.concat(this.#pending);
		this.#pending = [];
		this.#pendingBytes = 0;
		return all;
	}
}

/** The last place at or before `limit` where no UTF-8 character is cut in two. */
function characterBoundary(bytes: Uint8Array, limit: number): number {
	for (let at = limit; at > limit - 4 && at > 0; at--) {
		if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return at;
	}
	return limit;
}

function decode(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
