import type { McpFront } from '../mcp-front.ts';
import { type OwnTool, ownTool } from './own-tool.ts';

const uri = { type: 'string', description: 'The URI of the resource, as resources/list gives it.' };

/** Tools that change what stores keep; MCP's resources can only be read. */
export function storageTools(front: McpFront): OwnTool[] {
	return [
		ownTool(
			{
				name: 'storage_write',
				description:
					'Write a text resource of a store. The version has to be the one that was read; 0 for a new one.',
				inputSchema: {
					type: 'object',
					properties: {
						uri,
						content: { type: 'string' },
						expected_version: { type: 'integer', minimum: 0, default: 0 },
					},
					required: ['uri', 'content'],
				},
				annotations: { destructiveHint: true },
			},
			async ({ uri, content, expected_version = 0 }, signal) => {
				const { path, storageType } = await front.resources.placeOf(String(uri), signal);
				const expectedVersion = Number(expected_version);
				return {
					version: await front.client.storage.write(path, String(content), {
						storageType,
						expectedVersion,
						signal,
					}),
				};
			},
		),
		ownTool(
			{
				name: 'storage_delete',
				description: 'Delete a resource of a store.',
				inputSchema: { type: 'object', properties: { uri }, required: ['uri'] },
				annotations: { destructiveHint: true, idempotentHint: true },
			},
			async ({ uri }, signal) => {
				const { path, storageType } = await front.resources.placeOf(String(uri), signal);
				await front.client.storage.delete(path, { storageType, signal });
				return { deleted: String(uri) };
			},
		),
	];
}
