import type { Attachment } from '../../runtime/exec/attachment.ts';
import { settlesWithin } from '../../runtime/platform/settles-within.ts';

/** Bytes of keys that wait for a program that does not read them, at most. */
const mostBytes = 1_048_576;

/** Text that somebody types into a session, in its order, whether or not its program reads it. */
export class TypedKeys {
	readonly #attachment: Attachment;
	readonly #onDropped: () => void;
	#typed: Promise<void> = Promise.resolve();
	#waiting = 0;

	/** @param onDropped hears of keys that nobody takes any more: too many wait */
	constructor(attachment: Attachment, onDropped: () => void) {
		this.#attachment = attachment;
		this.#onDropped = onDropped;
	}

	type(keys: Buffer): void {
		if (keys.length === 0) return;
		if (this.#waiting + keys.length > mostBytes) {
			this.#onDropped();
			return;
		}
		this.#waiting += keys.length;
		this.#typed = this.#typed.then(async () => {
			await this.#attachment.write(keys);
			this.#waiting -= keys.length;
		});
	}

	/** Resolves when all have been sent, or after `ms`. */
	async sent(ms: number): Promise<void> {
		await settlesWithin(this.#typed, ms);
	}
}
