import {
	ProtocolError,
	ProtocolErrorCode,
	ResourceNotFoundError,
	type Server,
} from '@modelcontextprotocol/server';
import { passedOnTrace } from '../../runtime/telemetry/telemetry.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { traceParentIn } from '../calls/trace-parent-in.ts';
import { takePage } from '../listing/page.ts';
import type { McpFront } from '../mcp-front.ts';
import { topicOf, topicUri } from './event-log.ts';
import { readContents } from './resource-contents.ts';
import { storageTemplate } from './storage-uri.ts';

/** Answers what MCP asks of resources: what stores keep, and the last events of topics. */
export function handleResources(front: McpFront, server: Server): void {
	server.setRequestHandler('resources/list', async ({ params }, ctx) => {
		const { signal } = ctx.mcpReq;
		const [stored, topics] = await Promise.all([
			front.resources.list(signal, front.onError),
			front.events.topics(signal),
		]);
		const resources = [
			...topics.map((topic) => ({
				uri: topicUri(topic),
				name: topic,
				description: `The last events of the topic ${topic}`,
				mimeType: 'application/json',
			})),
			...stored.map(({ uri, path, size, modifiedAt }) => ({
				uri,
				name: path.split('/').at(-1) || path,
				size,
				...(modifiedAt ? { annotations: { lastModified: modifiedAt.toISOString() } } : {}),
			})),
		];
		const { items, nextCursor } = takePage(resources, ({ uri }) => uri, params?.cursor);
		return { resources: items, ...(nextCursor === undefined ? {} : { nextCursor }) };
	});
	server.setRequestHandler('resources/templates/list', async (_request, ctx) => {
		const places = await front.resources.places(ctx.mcpReq.signal);
		const resourceTemplates = places.flatMap((place) => {
			const uriTemplate = storageTemplate(place);
			const { plugin, storageType } = place;
			return uriTemplate
				? [{ uriTemplate, name: `${plugin} ${storageType}`, description: `What ${plugin} keeps` }]
				: [];
		});
		return { resourceTemplates };
	});
	server.setRequestHandler('resources/read', async ({ params: { uri } }, ctx) => {
		const { signal, _meta: meta } = ctx.mcpReq;
		const parent = traceParentIn(meta);
		const topic = topicOf(uri);
		if (topic !== undefined) {
			const events = await front.events.read(topic, signal);
			if (!events) throw new ResourceNotFoundError(uri);
			const text = JSON.stringify(events);
			return { contents: [{ uri, mimeType: 'application/json', text }] };
		}
		try {
			return {
				contents: [
					readContents(uri, await front.resources.read(uri, signal, parent && passedOnTrace(parent))),
				],
			};
		} catch (thrown) {
			const error = OrchestraError.from(thrown, 'internal');
			if (error.code === 'storage_not_found' || error.code === 'storage_unavailable')
				throw new ResourceNotFoundError(uri);
			const text = error.hint ? `${error.message}. ${error.hint}` : error.message;
			throw new ProtocolError(ProtocolErrorCode.InternalError, text, { code: error.code, uri });
		}
	});
}
