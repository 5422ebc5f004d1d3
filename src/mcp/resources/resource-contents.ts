import { extname } from 'node:path';
import type { BlobResourceContents, TextResourceContents } from '@modelcontextprotocol/server';
import type { StoredEntry } from '../../runtime/client/listings.ts';

/** The types of what plugins store most. Anything else is text or bytes. */
const mediaTypes: Readonly<Record<string, string>> = {
	'.css': 'text/css',
	'.csv': 'text/csv',
	'.gif': 'image/gif',
	'.htm': 'text/html',
	'.html': 'text/html',
	'.jpeg': 'image/jpeg',
	'.jpg': 'image/jpeg',
	'.js': 'text/javascript',
	'.json': 'application/json',
	'.md': 'text/markdown',
	'.pdf': 'application/pdf',
	'.png': 'image/png',
	'.svg': 'image/svg+xml',
	'.toml': 'application/toml',
	'.txt': 'text/plain',
	'.webp': 'image/webp',
	'.xml': 'application/xml',
	'.yaml': 'application/yaml',
	'.yml': 'application/yaml',
};

/** An entry of a storage as MCP has it: text where it is UTF-8 without NUL, else base64. Its metadata goes along. */
export function readContents(
	uri: string,
	{ content, metadata, version }: StoredEntry,
): TextResourceContents | BlobResourceContents {
	const text = decode(content);
	const said = metadata.mimeType;
	const mimeType =
		typeof said === 'string'
			? said
			: (mediaTypes[extname(uri).toLowerCase()] ??
				(text === undefined ? 'application/octet-stream' : 'text/plain'));
	const meta = { 'orchestra/version': version, 'orchestra/metadata': metadata };
	if (text !== undefined && !/^(image|audio|video)\//.test(mimeType))
		return { uri, mimeType, text, _meta: meta };
	return { uri, mimeType, blob: Buffer.from(content).toString('base64'), _meta: meta };
}

function decode(content: Uint8Array): string | undefined {
	if (content.includes(0)) return undefined;
	try {
		return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
	} catch {
		return undefined;
	}
}
