import { parseDocument, stringify } from 'yaml';
import type { JsonObject } from '../../wire/json-value.ts';
import { ToolError } from '../../wire/orchestra-error.ts';

/** A file: its front matter, and what stands below. */
export interface MarkdownFile {
	readonly metadata: JsonObject;
	readonly content: Uint8Array;
}

const mark = '---';
const lineEnd = 10;

/**
 * Reads a file that may begin with front matter: YAML between two lines of `---`, and one blank line that belongs to neither part.
 *
 * @param path for the message
 * @throws ToolError `storage_malformed` where front matter begins and is none
 */
export function parseMarkdown(bytes: Uint8Array, path: string): MarkdownFile {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const first = lineAt(buffer, 0);
	if (first?.text !== mark || first.next > buffer.length) return { metadata: {}, content: bytes };
	for (let line = lineAt(buffer, first.next); line; line = lineAt(buffer, line.next)) {
		if (line.text !== mark) continue;
		const metadata = parseYaml(buffer.toString('utf8', first.next, line.start), path);
		const blank = lineAt(buffer, line.next);
		const begin = blank?.text === '' ? blank.next : line.next;
		return { metadata, content: bytes.subarray(Math.min(begin, bytes.length)) };
	}
	throw malformed(path, 'the --- that ends it is missing');
}

/** The bytes of a file. Texts are quoted: other readers would take some for dates and booleans. */
export function formatMarkdown({ metadata, content }: MarkdownFile): Uint8Array {
	const bare = Object.keys(metadata).length === 0;
	// A content that looks like front matter must not be read as such.
	if (bare && !Buffer.from(content.subarray(0, 3)).equals(Buffer.from(mark))) return content;
	const yaml = stringify(metadata, {
		sortMapEntries: true,
		lineWidth: 0,
		defaultStringType: 'QUOTE_DOUBLE',
		defaultKeyType: 'PLAIN',
		aliasDuplicateObjects: false,
	});
	return Buffer.concat([Buffer.from(`${mark}\n${yaml}${mark}\n\n`), content]);
}

interface Line {
	readonly start: number;
	readonly next: number;
	readonly text: string;
}

/** The line that begins at an offset; undefined at the end of the file. */
function lineAt(buffer: Buffer, start: number): Line | undefined {
	if (start >= buffer.length) return undefined;
	const end = buffer.indexOf(lineEnd, start);
	const stop = end < 0 ? buffer.length : end;
	// Marks are short: a long line is only passed over.
	const text = stop - start > 8 ? '(long)' : buffer.toString('latin1', start, stop).replace(/\r$/, '');
	return { start, next: stop + 1, text };
}

function parseYaml(text: string, path: string): JsonObject {
	const document = parseDocument(text, { schema: 'core', logLevel: 'error', prettyErrors: false });
	const [error] = document.errors;
	if (error) throw malformed(path, error.message);
	let value: unknown;
	try {
		value = document.toJS({ maxAliasCount: 100 });
	} catch (cause) {
		throw malformed(path, cause instanceof Error ? cause.message : String(cause));
	}
	if (value === null || value === undefined) return {};
	if (typeof value !== 'object' || Array.isArray(value)) throw malformed(path, 'it is no map');
	return value as JsonObject;
}

function malformed(path: string, why: string): ToolError {
	return new ToolError(
		'storage_malformed',
		`the front matter of ${JSON.stringify(path)} cannot be read: ${why}`,
		{
			details: { path },
			hint: 'Mend the file by hand: nothing of it was changed.',
		},
	);
}
