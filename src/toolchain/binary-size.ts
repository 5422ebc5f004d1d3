/** A limit in bytes, as a sentence names it: `16 MiB`, `64 KiB`, `100 bytes`. */
export function binarySize(bytes: number): string {
	if (bytes >= 1024 * 1024) return `${Math.round(bytes / 1024 / 1024)} MiB`;
	return bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} bytes`;
}
