/** Whether a name fits a pattern in which `*` stands for any characters. In time linear in both. */
export function matchesName(pattern: string, name: string): boolean {
	const [first = '', ...rest] = pattern.split('*');
	const last = rest.pop();
	if (last === undefined) return pattern === name;
	if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
		return false;
	let from = first.length;
	for (const part of rest) {
		const at = name.indexOf(part, from);
		if (at < 0 || at + part.length > name.length - last.length) return false;
		from = at + part.length;
	}
	return true;
}
