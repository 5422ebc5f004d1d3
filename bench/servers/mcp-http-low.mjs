// The same as mcp-low.mjs over Streamable HTTP, by the SDK's own handler.
import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { lowServer } from './mcp-low-server.mjs';
import { ready } from './ready.mjs';

const handle = toNodeHandler(createMcpHandler(lowServer));
const server = createServer(
	(request, response) => void handle(/** @type {any} */ (request), /** @type {any} */ (response)),
);
server.listen(0, '127.0.0.1', () =>
	ready(/** @type {import('node:net').AddressInfo} */ (server.address()).port),
);
