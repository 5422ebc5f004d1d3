/** What is fuzzed. */
export interface FuzzTarget {
	/** Inputs to begin with: what the world sends on a good day. */
	readonly seeds: readonly Uint8Array[];
	/** Pieces that mean something. */
	readonly dictionary?: readonly Uint8Array[];
	readonly maxBytes: number;
	/** Whether inputs leave something behind, so that running one again proves nothing. */
	readonly stateful?: boolean;
	/** Takes an input. Throws where anything is wrong that is not the input's fault. */
	run(input: Uint8Array): void;
	/** Called now and then, so that what waits for a turn of the event loop gets it. Throws as {@link run}. */
	pause?(): Promise<void>;
	/** Called at the end. Throws as {@link run}. */
	finish?(): Promise<void>;
}

/** Fails with a text that tells a broken promise from an error of the code that is fuzzed. */
export function expect(condition: boolean, promise: string): asserts condition {
	if (!condition) throw new Error(`broken: ${promise}`);
}
