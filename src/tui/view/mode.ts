import type { TerminalChoice } from '../feed/terminals.ts';
import type { Key } from '../keys/key.ts';
import type { Action, Place } from '../keys/key-map.ts';

/** Owner of the keys: a pane's list, or what stands over it. */
export interface Mode {
	readonly place: Place;
	/** Does what a key means here. */
	act(action: Action): void;
	/** Takes a key that means nothing else here. */
	type?(key: Key): void;
	/** Called with each new state of the world. */
	refresh?(): void;
	/** Called when the terminal is back from a session; undefined where the session was never reached. */
	terminalBack?(left: TerminalChoice | undefined): void;
}
