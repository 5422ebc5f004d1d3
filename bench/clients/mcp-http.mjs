import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { clientName } from '../workload.mjs';
import { runClient, target } from './client-program.mjs';

const { address } = target();

/** @returns {Promise<import('./operations.mjs').Session>} */
async function open() {
	const client = new Client({ name: clientName, version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
	await client.connect(new StreamableHTTPClientTransport(new URL(`http://${address}/mcp`)));
	return {
		async call(text, count) {
			const answer = await client.callTool({ name: 'echo', arguments: { text, count } });
			return /** @type {import('../workload.mjs').Echo} */ (answer.structuredContent);
		},
		close: () => client.close(),
	};
}

await runClient({ open });
