import { authorFrames } from './author-place.ts';

/** Behind the message a stack as the only field, as runtimes log what a handler threw. */
const failure = /^(.*? )\{"error":("(?:[^"\\]|\\.)*")\}$/s;

/**
 * A line of a plugin's log, with the places of the author's own files in the stack of a failure, and without the frames of the
 * runtime around it. Any other line stays as it is.
 */
export function authorLogText(text: string): string {
	const found = failure.exec(text);
	if (!found) return text;
	try {
		const stack = JSON.parse(found[2] ?? '') as string;
		return `${found[1]}${JSON.stringify({ error: authorFrames(stack) })}`;
	} catch {
		return text; // Not JSON after all: the line of any program.
	}
}
