import { inspect } from 'node:util';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

/** Things that are kept where nothing is said; the oldest make room. */
const defaultKept = 10_000;

/** Milliseconds that are waited for a thing where nothing is said. */
const defaultWaitMs = 10_000;

/** Options of a wait. */
export interface WaitOptions {
	/** Milliseconds until the wait fails. Default 10,000. */
	readonly timeoutMs?: number | undefined;
}

/** Somebody who waits for a thing. */
interface Waiting<T> {
	readonly fits: (item: T) => boolean;
	readonly take: (item: T) => void;
}

/** Things that happened, in their order, for a test to look at and to wait for. */
export class Recording<T> implements Iterable<T> {
	readonly #name: string;
	readonly #kept: number;
	readonly #waiting = new Set<Waiting<T>>();
	#items: T[] = [];
	#dropped = 0;

	/**
	 * @param name what one of the things is called in errors, such as `event`
	 * @param kept how many are kept, more than 0; the oldest make room. Default 10,000
	 */
	constructor(name: string, kept: number = defaultKept) {
		this.#name = name;
		this.#kept = kept;
	}

	/** Items so far, the oldest first. A copy. */
	get all(): T[] {
		return [...this.#items];
	}

	/** The newest; undefined where nothing has happened. */
	get last(): T | undefined {
		return this.#items.at(-1);
	}

	get length(): number {
		return this.#items.length;
	}

	/** Number of items that had to make room for newer ones. */
	get dropped(): number {
		return this.#dropped;
	}

	/** Records a thing: what is given as a sink. */
	readonly add = (item: T): void => {
		this.#items.push(item);
		if (this.#items.length > this.#kept) {
			this.#items.shift();
			this.#dropped++;
		}
		for (const waiting of [...this.#waiting]) {
			if (waiting.fits(item)) {
				this.#waiting.delete(waiting);
				waiting.take(item);
			}
		}
	};

	/** Forgets what has happened. */
	clear(): void {
		this.#items = [];
	}

	/**
	 * Waits for the first thing that fits; what has been recorded already counts.
	 *
	 * @param fits default: anything
	 * @throws OrchestraError `deadline_exceeded`, with what was recorded instead
	 */
	async until(
		fits: (item: T) => boolean = () => true,
		{ timeoutMs = defaultWaitMs }: WaitOptions = {},
	): Promise<T> {
		const found = this.#items.find(fits);
		if (found !== undefined) return found;
		return new Promise((resolve, reject) => {
			const waiting: Waiting<T> = {
				fits,
				take(item) {
					clearTimeout(timer);
					resolve(item);
				},
			};
			const timer = setTimeout(() => {
				this.#waiting.delete(waiting);
				reject(this.#missing(timeoutMs));
			}, timeoutMs);
			this.#waiting.add(waiting);
		});
	}

	[Symbol.iterator](): Iterator<T> {
		return this.all[Symbol.iterator]();
	}

	#missing(timeoutMs: number): OrchestraError {
		const shown = this.#items.slice(-5).map((item) => `\n  ${inspect(item, { breakLength: 120, depth: 3 })}`);
		const instead = shown.length === 0 ? 'Nothing was recorded.' : `The last that came:${shown.join('')}`;
		return new OrchestraError('deadline_exceeded', `no ${this.#name} that fits came within ${timeoutMs} ms`, {
			hint: instead,
			details: { recorded: this.#items.length },
		});
	}
}
