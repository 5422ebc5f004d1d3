type Method = (...args: unknown[]) => unknown;

/** Puts a function in the place of another. Returns what puts the first one back; nothing happens where it cannot be replaced. */
export function replaceMethod(
	owner: Record<string, unknown>,
	name: string,
	replacement: (original: Method) => Method,
): () => void {
	const original = owner[name];
	if (typeof original !== 'function') return () => {};
	const replaced = replacement(original as Method);
	try {
		owner[name] = replaced;
	} catch {
		return () => {};
	}
	return () => {
		if (owner[name] === replaced) owner[name] = original;
	};
}
