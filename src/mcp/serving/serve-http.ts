import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, isLegacyRequest } from '@modelcontextprotocol/server';
import { isLoopback } from '../../runtime/carrier/address.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { McpFront } from '../mcp-front.ts';
import { type HttpGateOptions, httpGate } from './http-gate.ts';
import { LegacySessions, refusal } from './legacy-sessions.ts';

/** Bytes of a request, at most. */
const maxRequestBodySize = 4 * 1024 * 1024;

/** Path of MCP on the server. */
const path = '/mcp';

/** Options of serving MCP over HTTP. */
export interface McpHttpOptions extends HttpGateOptions {
	/** 0 takes any. */
	readonly port: number;
}

/** MCP over HTTP. */
export interface HttpServing {
	/** The URL that clients are given. */
	readonly url: string;
	close(): Promise<void>;
}

/**
 * Serves MCP over Streamable HTTP at `/mcp`: to clients of 2026-07-28 without any state, to older ones with sessions.
 *
 * @throws OrchestraError `address_in_use`, `invalid_address`; `usage` off loopback without a token
 */
export async function serveMcpHttp(
	front: McpFront,
	{ host, port, token }: McpHttpOptions,
): Promise<HttpServing> {
	if (token === undefined && !isLoopback(host)) {
		throw new OrchestraError('usage', `MCP over HTTP at ${host} needs a bearer token: others can reach it`, {
			hint: 'Put one of 16 characters or more into ORCHESTRA_MCP_TOKEN, or listen on 127.0.0.1.',
			details: { host },
		});
	}
	const gate = httpGate({ host, token });
	// A client of 2026-07-28 is nobody between its requests: who knows the id of a task has it.
	const tasks = front.openTasks();
	const modern = createMcpHandler(() => front.server('modern', tasks), {
		legacy: 'reject',
		maxRequestBodySize,
		onerror: front.onError,
	});
	const legacy = new LegacySessions(front, maxRequestBodySize);
	const endNotices = front.notices.add(modern.notify);
	const fetch = async (request: Request): Promise<Response> => {
		const refused = gate(request);
		if (refused) return refused;
		if (new URL(request.url).pathname !== path) return refusal(404, -32601, `MCP is served at ${path}`);
		const isLegacy = await isLegacyRequest(request, undefined, { maxRequestBodySize });
		return isLegacy ? legacy.handle(request) : modern.fetch(request);
	};
	const handle = toNodeHandler({ fetch }, { maxRequestBodySize, onerror: front.onError });
	const server = createServer((request, response) => void handle(request as never, response as never));
	await listen(server, host, port);
	const shown = host.includes(':') ? `[${host}]` : host;
	return {
		url: `http://${shown}:${(server.address() as AddressInfo).port}${path}`,
		async close() {
			endNotices();
			tasks.close();
			legacy.close();
			await modern.close();
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeAllConnections();
			await closed;
		},
	};
}

function listen(server: HttpServer, host: string, port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', (error: NodeJS.ErrnoException) => {
			const inUse = error.code === 'EADDRINUSE';
			reject(
				new OrchestraError(
					inUse ? 'address_in_use' : 'invalid_address',
					inUse
						? `something listens on ${host}:${port} already`
						: `cannot listen on ${host}:${port}: ${error.message}`,
					{ hint: inUse ? 'Give --mcp-http another port; port 0 takes any.' : undefined, cause: error },
				),
			);
		});
		server.listen(port, host, resolve);
	});
}
