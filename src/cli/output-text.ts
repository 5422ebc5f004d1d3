import { visible } from './visible-text.ts';

/** Shows what a tool puts out before its result, as it comes: on stderr, since stdout holds the result. */
export function outputText(): (text: string) => void {
	return (text) => {
		process.stderr.write(process.stderr.isTTY ? visible(text) : text);
	};
}
