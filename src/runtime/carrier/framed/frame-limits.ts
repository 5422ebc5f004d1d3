/** Milliseconds in which a client has to finish the TLS handshake, and then to send its first whole request. */
export const handshakeTimeoutMs = 10_000;

/** Milliseconds without any progress after which a peer that does not read, or stops inside a message, is dropped. */
export const stallTimeoutMs = 30_000;

/** Milliseconds that a socket may take to say goodbye. */
export const closeTimeoutMs = 1_000;

/** Milliseconds of silence after which the kernel asks whether the peer is still there. */
export const keepAliveMs = 15_000;

/** Bytes of output that may wait before senders are asked to wait, and before a server stops reading requests. */
export const outputHighWaterBytes = 1024 * 1024;

/** Bytes of output at which they may go on. */
export const outputLowWaterBytes = 256 * 1024;

/** Bytes of output that one connection may hold at the very most, whatever its users do. */
export const outputLimitBytes = 256 * 1024 * 1024;
