/** Gives what a pure function gives, and remembers it: for texts that come again with each call. Bounded, since peers choose them. */
export function remembered<T>(make: (text: string) => T, most = 4096): (text: string) => T {
	const known = new Map<string, T>();
	return (text) => {
		const before = known.get(text);
		if (before !== undefined) return before;
		const made = make(text);
		// Those that are in use are soon known again.
		if (known.size >= most) known.clear();
		known.set(text, made);
		return made;
	};
}
