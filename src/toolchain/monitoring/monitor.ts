import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Orchestrator } from '../../runtime/orchestrator/orchestrator.ts';
import type { PluginStatus } from '../../runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { CallMetrics } from './call-metrics.ts';
import type { MonitorAddress } from './monitor-address.ts';
import { pluginMetrics, processMetrics } from './plugin-metrics.ts';
import { prometheusText, prometheusType } from './prometheus-text.ts';

/** Milliseconds that a client gets for its request. */
const requestMs = 5_000;

/** Clients at a time. */
const maxClients = 32;

/** States of a plugin with which nothing is wrong: it runs, or somebody stopped it. */
const goodStates = new Set(['running', 'stopped', 'stopping']);

/** Metrics and health of a server over HTTP. */
export interface Monitor {
	/** `http://host:port`. */
	readonly url: string;
	close(): Promise<void>;
}

/**
 * Serves `/metrics` and `/healthz` of a server, until it is closed.
 *
 * @param calls what was counted of its calls
 * @throws OrchestraError `address_in_use`, `invalid_address`
 */
export async function openMonitor(
	orchestrator: Orchestrator,
	address: MonitorAddress,
	calls: CallMetrics,
): Promise<Monitor> {
	const statuses = () => orchestrator.slots.map(({ status }) => status);
	const server = createServer(
		{ headersTimeout: requestMs, requestTimeout: requestMs },
		(request, response) => {
			const { pathname } = new URL(request.url ?? '/', 'http://monitor');
			if (pathname === '/metrics') {
				const metrics = [...calls.metrics(), ...pluginMetrics(statuses()), ...processMetrics()];
				answer(request, response, 200, prometheusType, prometheusText(metrics));
			} else if (pathname === '/healthz') {
				const health = healthOf(statuses());
				const status = health.status === 'healthy' ? 200 : 503;
				answer(request, response, status, 'application/json', `${JSON.stringify(health)}\n`);
			} else answer(request, response, 404, 'text/plain', 'There are /metrics and /healthz.\n');
		},
	);
	server.maxConnections = maxClients;
	await new Promise<void>((resolve, reject) => {
		server.once('error', (error) => reject(listenError(error, address)));
		server.listen(address.port, address.host, resolve);
	});
	const { port } = server.address() as AddressInfo;
	const host = address.host.includes(':') ? `[${address.host}]` : address.host;
	return {
		url: `http://${host}:${port}`,
		async close() {
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			server.closeAllConnections();
			await closed;
		},
	};
}

function answer(
	{ method }: IncomingMessage,
	response: ServerResponse,
	status: number,
	type: string,
	body: string,
): void {
	if (method !== 'GET' && method !== 'HEAD') {
		response.writeHead(405, { allow: 'GET, HEAD', 'content-length': 0 }).end();
		return;
	}
	response.writeHead(status, {
		'content-type': type,
		'content-length': Buffer.byteLength(body),
		'cache-control': 'no-store',
		'x-content-type-options': 'nosniff',
	});
	response.end(method === 'HEAD' ? undefined : body);
}

function healthOf(statuses: readonly PluginStatus[]) {
	const plugins = statuses.map(({ id = '', state = '', health, reason }) => ({
		id,
		state,
		...(health ? { health } : {}),
		...(reason ? { reason } : {}),
	}));
	const isWell = plugins.every(({ state, health }) => goodStates.has(state) && health !== 'unhealthy');
	return { status: isWell ? 'healthy' : 'unhealthy', plugins } as const;
}

function listenError(error: NodeJS.ErrnoException, { host, port }: MonitorAddress): OrchestraError {
	const isTaken = error.code === 'EADDRINUSE';
	return new OrchestraError(
		isTaken ? 'address_in_use' : 'invalid_address',
		isTaken
			? `the monitor cannot listen on ${host}:${port}: something else does`
			: `the monitor cannot listen on ${host}:${port}: ${error.message}`,
		{
			hint: 'Choose another place with --monitor, or with monitor in the configuration; port 0 takes any.',
			cause: error,
		},
	);
}
