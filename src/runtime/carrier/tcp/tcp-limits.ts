/** Connections that one listener holds at once, those in their handshake included. */
export const maxConnections = 4096;
