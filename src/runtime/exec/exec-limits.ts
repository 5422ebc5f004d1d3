/** Bytes of output that a session keeps for whoever attaches later. */
export const outputBufferBytes = 1_000_000;

/** Bytes of one piece of output, at most. */
export const outputChunkBytes = 65_536;

/** Bytes of input that wait for a terminal whose program does not read, at most. */
export const terminalInputBytes = 262_144;

/** Bytes of output that a client takes of one attachment before it grants more. */
export const outputWindowBytes = 262_144;

/** The size of a terminal whose client does not say its own. */
export const initialSize = { rows: 27, cols: 72 } as const;

/** Milliseconds that a handler may take for a resize. */
export const resizeTimeoutMs = 500;

/** Milliseconds that the end of a session may take. */
export const sessionCloseTimeoutMs = 10_000;

/** Milliseconds that a viewer may hold up a session that others watch too. */
export const viewerStallTimeoutMs = 10_000;

/** Milliseconds after which a session that nobody watches, and that puts nothing out, is closed. */
export const unwatchedTimeoutMs = 3_600_000;

/** Sessions of one plugin, and of one caller, at most. */
export const sessionLimits = { plugin: 256, caller: 64 } as const;
