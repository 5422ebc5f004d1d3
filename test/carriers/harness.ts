import type { Address } from '../../src/runtime/carrier/address.ts';
import type {
	Carrier,
	Connection,
	DialOptions,
	ExchangeHandler,
	Listener,
	ListenOptions,
} from '../../src/runtime/carrier/carrier.ts';
import type { CarrierName } from '../../src/runtime/carrier/peer.ts';
import type { Identity } from '../../src/runtime/identity/identity.ts';
import { createAuthority, issueIdentity } from '../../src/runtime/identity/x509/issue.ts';
import type { Lines } from './line-network.ts';

/** What the suite needs to know of a carrier to test it. */
export interface Harness {
	readonly name: CarrierName;
	/** Bytes that a carrier may hold of a stream besides the window of the exchange. */
	readonly slackBytes: number;
	/** Calls at once that are surely too many. */
	readonly tooManyCalls: number;
	/** A connection whose other end is served by this handler. */
	connect(handler: ExchangeHandler): Promise<Pair>;
	/** Everything that only a carrier between processes has; undefined in process. */
	readonly network: Network | undefined;
}

/** A connection with both its ends in this process. */
export interface Pair {
	readonly connection: Connection;
	/** Undefined in process. */
	readonly listener: Listener | undefined;
	close(): Promise<void>;
}

/** A carrier with certificates to use it. */
export interface Network {
	readonly carrier: Carrier;
	/** The certificate of the serving side, `tools.server`. */
	readonly server: Identity;
	/** The certificate of the calling side, `tools.client`. */
	readonly client: Identity;
	/** A certificate of a CA that neither trusts. */
	readonly stranger: Identity;
	/** Another certificate of the CA that both trust. */
	issue(name: string): Identity;
	listen(handler: ExchangeHandler, options?: Partial<ListenOptions>): Promise<Listener>;
	dial(address: Address, options?: Partial<DialOptions>): Promise<Connection>;
	/** Set where there are no certificates and no addresses: who is there is who was started. */
	readonly lines?: Lines;
	/** Something that receives what is sent to it and never answers. */
	silentPeer(): Promise<{ readonly address: Address; close(): Promise<void> }>;
}

/** A network carrier with fresh certificates. */
export function createNetwork(carrier: Carrier, silentPeer: Network['silentPeer']): Network {
	const authority = createAuthority();
	const issue = (name: string) => issueIdentity(authority, name);
	const server = issue('tools.server');
	const client = issue('tools.client');
	return {
		carrier,
		server,
		client,
		stranger: issueIdentity(createAuthority(), 'tools.client'),
		issue,
		listen: (handler, options = {}) =>
			carrier.listen(
				{ carrier: carrier.name, host: '127.0.0.1', port: 0 },
				{ identity: server, handler, ...options },
			),
		dial: (address, options = {}) => carrier.dial(address, { identity: client, ...options }),
		silentPeer,
	};
}

/** A connection over a network carrier with both its ends in this process. */
export async function connectThrough(network: Network, handler: ExchangeHandler): Promise<Pair> {
	const listener = await network.listen(handler);
	const connection = await network.dial(listener.address, { expectPeer: network.server.name });
	return {
		connection,
		listener,
		close: async () => {
			await connection.close();
			await listener.close();
		},
	};
}
