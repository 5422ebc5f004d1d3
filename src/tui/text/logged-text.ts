/** A line of a log whose only field is a stack, as runtimes log what a handler threw. */
const failure = /^(.*?) (\{"error":"(?:[^"\\]|\\.)*"\})$/s;

/** A line of a log as people read it: a stack among its fields stands as text, with its lines. */
export function loggedText(text: string): string {
	const found = failure.exec(text);
	if (!found) return text;
	try {
		const { error } = JSON.parse(found[2] ?? '') as { error: string };
		return `${found[1]}: ${error}`;
	} catch {
		return text;
	}
}

/** The same on one line: of a stack its first line. */
export function loggedLine(text: string): string {
	const readable = loggedText(text);
	return readable === text ? text : (readable.split(/\n\s+at /)[0] ?? readable);
}
