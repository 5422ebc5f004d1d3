import { type Address, formatAddress } from '../carrier/address.ts';
import type { Connection } from '../carrier/carrier.ts';
import type { IncomingExchange } from '../carrier/incoming-exchange.ts';
import { dial } from '../carrier/network-carrier.ts';
import { createClient } from '../client/plugin-client.ts';
import type { Identity } from '../identity/identity.ts';
import type { IdentitySource } from '../identity/sources/identity-source.ts';
import { isRunning } from '../platform/is-running.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { forwardExchange } from './forward-exchange.ts';
import type { HostedPlugin, PluginEnd } from './hosted-plugin.ts';
import type { PluginSource } from './plugin-source.ts';

/** A plugin that runs elsewhere, and how it is reached. */
export interface RemoteOptions {
	readonly address: Address;
	/** Identity that is presented to it: one that stays, or a source, which the connection follows. */
	readonly identity: Identity | IdentitySource;
	/** The id that its certificate has to carry. Default: any peer of the CA, and the name on its certificate is its id. */
	readonly expectedId?: string | undefined;
	/**
	 * The number of its process, where it runs on this machine and that is known: where there is no such process nothing is dialled. It is
	 * never signalled. Default: not known.
	 */
	readonly pid?: number | undefined;
	/** Milliseconds for connect and handshake. */
	readonly timeoutMs?: number | undefined;
}

/** A plugin that runs already, at an address. It is neither booted nor shut down: that is for whoever started it. */
export function remote(options: RemoteOptions): PluginSource {
	const label = formatAddress(options.address);
	return {
		label,
		kind: 'remote',
		async start(host, signal) {
			const { identity, pid } = options;
			if (pid !== undefined && !isRunning(pid)) {
				throw new OrchestraError(
					'unreachable',
					`there is no process ${pid} any more, which was at ${label}`,
					{
						hint: 'Start the plugin again, or attach to the process that it is now.',
						details: { pid, address: label },
					},
				);
			}
			const connection = await dial(options.address, {
				identity,
				expectPeer: host.expectedId ?? options.expectedId,
				timeoutMs: options.timeoutMs,
				signal,
				onProblem: ({ message }) => host.log({ level: 'warn', plugin: label, message }),
			});
			try {
				return await hostRemote(connection, signal);
			} catch (error) {
				await connection.close();
				throw error;
			}
		},
	};
}

async function hostRemote(connection: Connection, signal: AbortSignal): Promise<HostedPlugin> {
	const client = createClient(connection);
	const [tools, prompts, description] = await Promise.all([
		client.listTools({ signal }),
		client.listPrompts({ signal }),
		client.describe({ signal }),
	]);
	if (description?.orchestrator) {
		throw new OrchestraError('not_a_plugin', `${connection.peer.address} is an orchestrator, not a plugin`, {
			hint: 'Name the address of a plugin.',
		});
	}
	const described = description?.plugins[0];
	const id = connection.peer.name || described?.id || connection.peer.address;
	const underWay = new Map<IncomingExchange, number>();
	let stopping: Promise<void> | undefined;
	return {
		id,
		kind: 'remote',
		manifest: described ?? { id, providesTools: tools.map(({ name }) => name) },
		tools,
		prompts,
		software: description?.software ?? '',
		extensions: description !== undefined,
		connection,
		ended: connection.closed.then((reason): PluginEnd => {
			if (stopping) return { reason: 'stopped' };
			const text = `the connection to ${id} at ${connection.peer.address} ended`;
			return { reason: 'crashed', error: OrchestraError.from(reason ?? new Error(text), 'connection_lost') };
		}),
		underWay: () => [...underWay].map(([exchange, since]) => ({ exchange, since })),
		handle(exchange) {
			underWay.set(exchange, performance.now());
			exchange.onEnd(() => underWay.delete(exchange));
			forwardExchange(exchange, connection, id);
		},
		stop() {
			stopping ??= connection.close();
			return stopping;
		},
	};
}
