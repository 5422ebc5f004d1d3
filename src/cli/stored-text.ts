/** The content of an entry as text; undefined where it is no UTF-8. */
export function storedText(content: Uint8Array): string | undefined {
	try {
		return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
	} catch {
		return undefined;
	}
}
