import type { CallFacts } from '../feed/feed-message.ts';
import { BoundedList } from './bounded-list.ts';
import { bytesOfJson } from './bytes-of.ts';

/** Calls that are kept, and the bytes of their arguments and results in sum. */
const limits = { items: 1000, bytes: 8 * 1024 * 1024 };

/** The last calls, those under way and those that ended. */
export class CallLog {
	readonly #calls = new BoundedList<CallFacts>(limits, bytesOfCall);
	readonly #byId = new Map<string, CallFacts>();

	get dropped(): number {
		return this.#calls.dropped;
	}

	get(id: string): CallFacts | undefined {
		return this.#byId.get(id);
	}

	/** Adds a call, or puts it in the place of what was known of it. */
	put(call: CallFacts): void {
		const old = this.#byId.get(call.id);
		if (!old || !this.#calls.replace(old, call)) this.#calls.push(call);
		this.#byId.set(call.id, call);
		if (this.#byId.size > 2 * limits.items) this.#forget();
	}

	/** The calls that have not ended. */
	underWay(): CallFacts[] {
		return this.#calls.toArray().filter(({ state }) => state === 'running');
	}

	toArray(): CallFacts[] {
		return this.#calls.toArray();
	}

	#forget(): void {
		this.#byId.clear();
		for (const call of this.#calls.toArray()) this.#byId.set(call.id, call);
	}
}

function bytesOfCall({ arguments: args, result, error, streamed }: CallFacts): number {
	return (
		256 + bytesOfJson(args) + bytesOfJson(result) + bytesOfJson(error?.details) + (streamed?.length ?? 0) * 2
	);
}
