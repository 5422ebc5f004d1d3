import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { clientName } from '../workload.mjs';
import { runClient, target } from './client-program.mjs';

/** 16 MB is more than the SDK takes by default. */
const maxBufferSize = 64 * 1024 * 1024;

const [command = '', ...args] = target().serverCommand ?? [];

/** @returns {Promise<import('./operations.mjs').Session>} */
async function launch() {
	const transport = new StdioClientTransport({ command, args, maxBufferSize });
	const client = new Client({ name: clientName, version: '1.0.0' });
	await client.connect(transport);
	return {
		async call(text, count) {
			const answer = await client.callTool({ name: 'echo', arguments: { text, count } });
			return /** @type {import('../workload.mjs').Echo} */ (answer.structuredContent);
		},
		list: async () => (await client.listTools()).tools.length,
		close: () => client.close(),
		serverPid: transport.pid ?? undefined,
	};
}

await runClient({ open: launch, launch });
