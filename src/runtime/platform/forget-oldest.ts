/** Removes the first entries of a map or a set, which keeps the order in which they came, until it holds `most` of them. */
export function forgetOldest<Key>(
	kept: { readonly size: number; keys(): Iterator<Key>; delete(key: Key): boolean },
	most: number,
): void {
	const keys = kept.keys();
	while (kept.size > most) {
		const { done, value } = keys.next();
		if (done) return;
		kept.delete(value);
	}
}
