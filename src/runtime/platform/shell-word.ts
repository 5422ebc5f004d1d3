/** A text as one word of a POSIX shell, for commands that an error suggests: a path may hold anything. */
export function shellWord(text: string): string {
	return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuoted(text);
}

/** A text in single quotes of a POSIX shell. */
export function shellQuoted(text: string): string {
	return `'${text.replaceAll("'", "'\\''")}'`;
}
