import {
	createServer,
	type Server as HttpServer,
	type IncomingMessage,
	type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import {
	createMcpHandler,
	isJsonContentType,
	isLegacyRequest,
	type McpRequestContext,
} from '@modelcontextprotocol/server';
import { isLoopback } from '../../runtime/carrier/address.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { toolCallAnswerer } from '../calls/tool-call-answerer.ts';
import type { McpFront } from '../mcp-front.ts';
import { frontServer } from './front-server.ts';
import { type HttpGateOptions, httpGate } from './http-gate.ts';
import { LegacySessions } from './legacy-sessions.ts';
import { QuickHttp } from './quick-http.ts';
import type { QuickServer } from './quick-server.ts';
import { readBody } from './read-body.ts';
import { jsonRefusal, type Refusal } from './refusal.ts';

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
	const quick = new QuickHttp(toolCallAnswerer(front, tasks));
	/** The messages of requests, by the requests that the SDK has them as. */
	const messages = new WeakMap<Request, unknown>();
	const factory = ({ requestInfo }: McpRequestContext): QuickServer => {
		const server = frontServer(front, 'modern', tasks, quick.era);
		const message = requestInfo && messages.get(requestInfo);
		if (message !== undefined) quick.prepare(server, message);
		return server;
	};
	const modern = createMcpHandler(factory, {
		legacy: 'reject',
		maxRequestBodySize,
		onerror: front.onError,
	});
	const legacy = new LegacySessions(front, maxRequestBodySize);
	const endNotices = front.notices.add(modern.notify);
	const fetch = async (
		request: Request,
		{ parsedBody }: { parsedBody?: unknown } = {},
	): Promise<Response> => {
		const isLegacy = await isLegacyRequest(request, parsedBody, { maxRequestBodySize });
		if (isLegacy) return legacy.handle(request, parsedBody);
		messages.set(request, parsedBody);
		return modern.fetch(request, { parsedBody });
	};
	const handle = toNodeHandler({ fetch }, { maxRequestBodySize, onerror: front.onError });
	const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const refused = gate(request.headers) ?? refusedPath(request.url);
		if (refused) return refuse(response, refused);
		// The SDK refuses a request that is no message.
		if (request.method !== 'POST' || !isJsonContentType(request.headers['content-type'] ?? null))
			return handle(request as never, response as never);
		const text = await readBody(request, maxRequestBodySize);
		if (text === undefined) return refuse(response, tooLarge);
		const message = parsed(text);
		if (message === undefined) return refuse(response, noJson);
		if (await quick.take(request.headers, message, response)) return;
		return handle(request as never, response as never, message);
	};
	const server = createServer((request, response) => {
		serve(request, response).catch((error) => {
			front.onError(error);
			response.destroy();
		});
	});
	await listen(server, host, port);
	const shown = host.includes(':') ? `[${host}]` : host;
	return {
		url: `http://${shown}:${(server.address() as AddressInfo).port}${path}`,
		async close() {
			endNotices();
			tasks.close();
			quick.close();
			legacy.close();
			await modern.close();
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeAllConnections();
			await closed;
		},
	};
}

const tooLarge: Refusal = {
	...jsonRefusal(413, -32_000, `a request has ${maxRequestBodySize} bytes at most`),
	// The rest of it is not read.
	headers: { 'content-type': 'application/json', connection: 'close' },
};
const noJson = jsonRefusal(400, -32_700, 'Parse error: the request body is not valid JSON');
const notHere = jsonRefusal(404, -32_601, `MCP is served at ${path}`);

function refusedPath(url = ''): Refusal | undefined {
	const end = url.indexOf('?');
	return (end < 0 ? url : url.slice(0, end)) === path ? undefined : notHere;
}

function refuse(response: ServerResponse, { status, headers, body }: Refusal): void {
	response.writeHead(status, headers).end(body);
}

/** Undefined where it is no JSON. */
function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
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
