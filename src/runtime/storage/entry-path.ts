import { ToolError } from '../wire/orchestra-error.ts';

/** Bytes of a path, at most. */
const maxPathBytes = 4096;

/** Bytes of a name, at most: what file systems take, less what is put behind it. */
const maxNameBytes = 240;

/**
 * Makes sure that a path could be that of a file below any folder.
 *
 * @throws ToolError `invalid_path`
 */
export function assertEntryPath(path: string): void {
	const parts = path.split('/');
	if (path === '') throw invalidPath(path, 'is empty');
	if (Buffer.byteLength(path) > maxPathBytes) throw invalidPath(path, `is longer than ${maxPathBytes} bytes`);
	if (parts.some((part) => Buffer.byteLength(part) > maxNameBytes))
		throw invalidPath(path, `has a part that is longer than ${maxNameBytes} bytes`);
	if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) throw invalidPath(path, 'is absolute');
	// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
	if (/[\u0000\\]/.test(path)) throw invalidPath(path, 'holds a NUL character or a backslash');
	if (parts.some((part) => part === '' || part === '.' || part === '..'))
		throw invalidPath(path, 'has an empty part, "." or ".." in it');
}

/** Refusal of an entry's path. */
export function invalidPath(path: string, why: string): ToolError {
	const shown = path.length > 200 ? `${path.slice(0, 199)}…` : path;
	return new ToolError('invalid_path', `the path ${JSON.stringify(shown)} ${why}`, {
		hint: 'Name entries as folder/name.md.',
	});
}
