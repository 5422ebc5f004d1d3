/** The application codes that end a connection. */
export const closeCode = {
	/** Nothing more to do. The Go side says 0 as well. */
	done: 0,
	/** The listener does not serve this peer. */
	refused: 1,
	/** A defect on the side that closes. */
	failed: 2,
	/** The peer's certificate was revoked. */
	revoked: 3,
	/** The peer does not read what it asked for. */
	overloaded: 4,
	/** The peer was silent for too long. */
	silent: 4,
} as const;

/** The code that streams are reset and stopped with: why stands in messages, where anything has to be said. */
export const streamCode = 0;
