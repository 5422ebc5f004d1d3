import { readFileSync } from 'node:fs';

/**
 * Reads a list of tests that may be skipped: a name on each line, with `*` for any text; lines that begin with `#` and empty ones
 * say nothing.
 *
 * @returns whether the list has the name of a test
 */
export function readMaySkip(path: string): (name: string) => boolean {
	const patterns = readFileSync(path, 'utf8')
		.split('\n')
		.map((line) => line.trim())
		.filter((line) => line !== '' && !line.startsWith('#'))
		.map((line) => new RegExp(`^${line.split('*').map(escapePattern).join('.*')}$`, 's'));
	return (name) => patterns.some((pattern) => pattern.test(name));
}

function escapePattern(text: string): string {
	return text.replace(/[\\^$.+?()[\]{}|]/g, '\\$&');
}
