import type { NetworkCarrier } from '../../src/runtime/carrier/address.ts';
import type { Connection, Listener } from '../../src/runtime/carrier/carrier.ts';
import { listenTcp } from '../../src/runtime/carrier/tcp/listen-tcp.ts';
import type { ListenerTimeouts } from '../../src/runtime/carrier/tcp/tcp-listener.ts';
import type { Harness, Network } from '../carriers/harness.ts';
import { within } from '../carriers/within.ts';
import { waitUntil } from '../support/wait-until.ts';
import { Bystander } from './bystander.ts';
import { ServedPlugin } from './served-plugin.ts';
import { Unhandled } from './unhandled.ts';

/** A fault and what it may do, as a test that needs no framework. */
export interface FaultCase {
	readonly name: string;
	/** Where the fault makes sense. In process nothing is between the two ends. */
	readonly carriers: readonly FaultCarrier[];
	run(harness: Harness): Promise<void>;
}

export type FaultCarrier = 'tcp' | 'quic';

/** What a case about a listener finds. */
export interface FaultBench {
	readonly carrier: NetworkCarrier;
	readonly network: Network;
	/** Serves {@link plugin}. */
	readonly listener: Listener;
	readonly plugin: ServedPlugin;
	/** Dials the listener, or something in front of it; closed after the case. */
	dial(port?: number): Promise<Connection>;
	/** How to close a client of the case's own. */
	defer(close: () => unknown): void;
	/** How to close what clients go through: after them, so that their goodbyes come through. */
	deferPath(close: () => unknown): void;
}

/** How a case is run. */
export interface FaultOptions {
	/** The one carrier on which the fault makes sense. Default: both TCP and QUIC. */
	readonly only?: FaultCarrier;
	/** Patience of a TCP listener, where the default is too long for a test. */
	readonly timeouts?: ListenerTimeouts;
}

/**
 * A fault that happens to a listener or on the way to it. Whatever the case asserts besides: a bystander on the same listener notices
 * nothing, a new client is served, all connections of the case end, the listener closes, and nothing is handled by nobody.
 */
export function onListener(
	name: string,
	run: (bench: FaultBench) => Promise<void>,
	{ only, timeouts = {} }: FaultOptions = {},
): FaultCase {
	return {
		name,
		carriers: only ? [only] : ['tcp', 'quic'],
		run: async ({ network }) => {
			if (!network) throw new Error('this case needs a network');
			const unhandled = new Unhandled();
			const clients: (() => unknown)[] = [];
			const paths: (() => unknown)[] = [];
			const plugin = new ServedPlugin();
			const carrier = network.carrier.name;
			const listener =
				carrier === 'tcp'
					? await listenTcp(
							{ carrier, host: '127.0.0.1', port: 0 },
							{ identity: network.server, handler: plugin.handle },
							timeouts,
						)
					: await network.listen(plugin.handle);
			const dial = async (port = listener.address.port) => {
				const connection = await network.dial({ ...listener.address, port });
				clients.push(() => connection.close());
				return connection;
			};
			try {
				const bystander = await Bystander.on(await network.dial(listener.address));
				clients.push(() => bystander.close());
				await run({
					carrier,
					network,
					listener,
					plugin,
					dial,
					defer: (close) => clients.push(close),
					deferPath: (close) => paths.push(close),
				});
				await bystander.expectUnharmed(() => plugin.release());
				const late = await Bystander.on(await network.dial(listener.address));
				await late.expectUnharmed(() => plugin.release());
				for (const close of clients.splice(0).reverse()) await close();
				await waitUntil(() => listener.connectionCount === 0 && plugin.active === 0);
			} finally {
				for (const close of [...paths, ...clients].reverse()) await close();
				await within(listener.close(), 'the listener closes');
				unhandled.stop();
			}
			await unhandled.expectNone();
		},
	};
}
