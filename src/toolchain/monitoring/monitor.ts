import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Orchestrator } from '../../runtime/orchestrator/orchestrator.ts';
import type { PluginStatus } from '../../runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { CallMetrics } from './call-metrics.ts';
import { pluginMetrics, processMetrics } from './plugin-metrics.ts';
import { prometheusText, prometheusType } from './prometheus-text.ts';

/** Milliseconds that a client gets for its request. */
const requestMs = 5_000;

/** Clients at a time. */
const maxClients = 32;

/** States of a plugin with which nothing is wrong: it runs, or somebody stopped it. */
const goodStates = new Set(['running', 'stopped', 'stopping']);

/** Where a monitor listens. */
export interface MonitorAddress {
	readonly host: string;
	readonly port: number;
}

/** Metrics and health of a server over HTTP. */
export interface Monitor {
	/** `http://host:port`. */
	readonly url: string;
	close(): Promise<void>;
}

/** Reads `PORT`, on loopback, or `HOST:PORT`. @throws OrchestraError `usage` */
export function parseMonitorAddress(text: string): MonitorAddress {
	const [, bracketed, plain, digits] = /^(?:(?:\[([\da-f:.]+)\]|([\w.-]+)):)?(\d{1,5})$/i.exec(text) ?? [];
	const port = Number(digits);
	if (digits === undefined || port > 65_535) {
		throw new OrchestraError('usage', `${JSON.stringify(text)} is no place for a monitor`, {
			hint: 'Write --monitor 9464, or --monitor 10.0.0.5:9464.',
		});
	}
	return { host: bracketed ?? plain ?? '127.0.0.1', port };
}

/**
 * Serves `/metrics` and `/healthz` of a server, until it is closed. Calls are counted from now on.
 *
 * @throws OrchestraError `address_in_use`, `invalid_address`
 */
export async function openMonitor(orchestrator: Orchestrator, address: MonitorAddress): Promise<Monitor> {
	const calls = new CallMetrics();
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
	const stopCounting = orchestrator.observeCalls(calls);
	return {
		url: `http://${host}:${port}`,
		async close() {
			stopCounting();
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
		{ hint: 'Choose another place with --monitor; port 0 takes any.', cause: error },
	);
}
