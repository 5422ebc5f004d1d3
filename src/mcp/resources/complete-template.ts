import type { McpFront } from '../mcp-front.ts';
import { storageTemplate } from './storage-uri.ts';

/** The paths that a template of a storage can be completed with; none for a template that is not ours. */
export async function completeTemplate(
	front: McpFront,
	template: string,
	begun: string,
	signal: AbortSignal,
): Promise<string[]> {
	const place = (await front.resources.places(signal)).find((one) => storageTemplate(one) === template);
	if (!place) return [];
	const entries = await front.client.storage.list({ storageType: place.storageType, prefix: begun, signal });
	return entries.map(({ path }) => path);
}
