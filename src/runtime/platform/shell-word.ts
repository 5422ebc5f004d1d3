/** A text as one word of a POSIX shell, for commands that an error suggests: a path may hold anything. */
export function shellWord(text: string): string {
	return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
