// What every server offers and every client calls: the same two tools for all.
//
// echo   {text, count} -> {text, count + 1}
// count  {chunks, bytes} -> that many chunks of that many bytes

/** The plugin's id, and the name in the certificate of every server. */
export const pluginId = 'bench.echo';

/** The name in the certificate of every client. */
export const clientName = 'bench-client';

/** @typedef {{ text: string, count: number }} Echo */

/**
 * @param {Echo} request
 * @returns {Echo}
 */
export function echo({ text, count }) {
	return { text, count: count + 1 };
}

/**
 * One chunk of a stream. Servers send the same one again and again: making it is not what is measured.
 *
 * @param {number} bytes
 */
export function chunkOf(bytes) {
	return new Uint8Array(bytes).fill(0x61);
}

/**
 * A text of that many bytes.
 *
 * @param {number} bytes
 */
export function textOf(bytes) {
	return Buffer.alloc(bytes, 'abcdefghijklmnopqrstuvwxyz0123456789').toString('latin1');
}
