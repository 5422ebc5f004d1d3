import { Server } from '@modelcontextprotocol/server';
import { echo, pluginId } from '../workload.mjs';

/** The echo, as ours answers it: as text and structured. */
export function lowServer() {
	const server = new Server({ name: pluginId, version: '1.0.0' }, { capabilities: { tools: {} } });
	server.setRequestHandler('tools/list', () => ({
		tools: [
			{
				name: 'echo',
				description: 'Gives back what it got.',
				inputSchema: {
					type: 'object',
					properties: { text: { type: 'string' }, count: { type: 'integer' } },
					required: ['text', 'count'],
				},
			},
		],
	}));
	server.setRequestHandler('tools/call', ({ params }) => {
		const { text, count } = params.arguments ?? {};
		if (params.name !== 'echo' || typeof text !== 'string' || !Number.isInteger(count))
			throw new Error('no such call');
		const result = echo({ text, count: Number(count) });
		return { content: [{ type: 'text', text: JSON.stringify(result) }], structuredContent: { ...result } };
	});
	return server;
}
