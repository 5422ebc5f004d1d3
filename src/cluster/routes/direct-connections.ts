import { parseAddress } from '../../runtime/carrier/address.ts';
import type { Connection } from '../../runtime/carrier/carrier.ts';
import {
	connectPersistently,
	type PersistentConnection,
} from '../../runtime/carrier/persistent-connection.ts';
import type { IdentitySource } from '../../runtime/identity/sources/identity-source.ts';
import { settlesWithin } from '../../runtime/platform/settles-within.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { retoldError } from '../../runtime/wire/retold-error.ts';
import type { NodeRecord } from '../registry/records.ts';

/** Settings of {@link DirectConnections}. */
export interface DirectOptions {
	readonly identity: IdentitySource;
	/** Milliseconds of silence after which the other end is asked for a sign of life, and for the answer. */
	readonly silenceMs: number;
	/** Called where a node cannot be reached, or is not who it has to be; each reason once. Must not throw. */
	readonly onProblem: (error: OrchestraError) => void;
}

/** Addresses of one node that are tried, at most: they come from the registry. */
const maxAddresses = 4;

/** Milliseconds for connect and handshake. */
const dialTimeoutMs = 5_000;

interface Direct {
	readonly key: string;
	readonly connections: readonly PersistentConnection[];
}

/** Connections to other nodes, made when they are first needed. */
export class DirectConnections {
	readonly #options: DirectOptions;
	readonly #nodes = new Map<string, Direct>();
	readonly #told = new Map<string, string>();

	constructor(options: DirectOptions) {
		this.#options = options;
	}

	/** The connection to a node, where one stands. It begins to be made where it is not. */
	get(record: NodeRecord): Connection | undefined {
		return this.#of(record).connections.find((connection) => connection.connected);
	}

	/** Waits until a connection stands, for so many milliseconds at most. Never rejects. */
	async ready(record: NodeRecord, withinMs: number): Promise<Connection | undefined> {
		const standing = this.get(record);
		const { connections } = this.#of(record);
		// Whom the last attempt did not reach is not waited for: there is another way.
		const hopeful = connections.filter((connection) => connection.failure === undefined);
		if (standing || hopeful.length === 0) return standing;
		await settlesWithin(Promise.any(hopeful.map((connection) => connection.ready())), withinMs);
		return this.get(record);
	}

	/** Gives the reason why a node was not reached when it was tried last; undefined where it was, or was not tried. */
	failure(record: NodeRecord): OrchestraError | undefined {
		if (this.get(record)) return undefined;
		return this.#of(record).connections.find(({ failure }) => failure !== undefined)?.failure;
	}

	/** Ends the connections to a node, and the calls on them, with the reason. */
	drop(node: string, reason?: OrchestraError): void {
		const direct = this.#nodes.get(node);
		this.#nodes.delete(node);
		for (const connection of direct?.connections ?? []) void connection.close(reason);
	}

	async close(): Promise<void> {
		const all = [...this.#nodes.values()].flatMap(({ connections }) => connections);
		this.#nodes.clear();
		await Promise.all(all.map((connection) => connection.close()));
	}

	#of(record: NodeRecord): Direct {
		const { node, instance, addresses, fingerprint } = record;
		const key = JSON.stringify([instance, addresses, fingerprint]);
		const before = this.#nodes.get(node);
		if (before?.key === key) return before;
		// Calls under way on the one before end by themselves, where it is another start of the node.
		if (before) this.drop(node);
		const direct = {
			key,
			connections: addresses
				.slice(0, maxAddresses)
				.flatMap((address) => this.#connect(record, address) ?? []),
		};
		this.#nodes.set(node, direct);
		return direct;
	}

	#connect({ node, fingerprint }: NodeRecord, text: string): PersistentConnection | undefined {
		const { identity, silenceMs } = this.#options;
		try {
			return connectPersistently(parseAddress(text), {
				identity,
				expectPeer: node,
				timeoutMs: dialTimeoutMs,
				maxWaiting: 0,
				keepAlive: { idleMs: silenceMs, answerMs: silenceMs },
				backOff: { firstMs: 100, longestMs: 10_000 },
				async prepare({ peer }) {
					if (peer.keyFingerprint === fingerprint) return;
					throw new OrchestraError(
						'identity_mismatch',
						`who answers at ${text} has another key than node ${node} in the registry`,
						{
							hint: 'Another program answers there: check cluster.advertise.',
							details: { node, address: text },
						},
					);
				},
				onState: (state) => {
					if (state.state === 'lost') this.#tell(node, text, state.reason);
					else if (state.state === 'open') this.#told.delete(`${node} ${text}`);
				},
			});
		} catch (error) {
			this.#tell(node, text, OrchestraError.from(error, 'invalid_address'));
			return undefined;
		}
	}

	#tell(node: string, address: string, error: OrchestraError): void {
		const key = `${node} ${address}`;
		if (this.#told.get(key) === error.code) return;
		this.#told.set(key, error.code);
		this.#options.onProblem(
			retoldError(error, `node ${node} is not reached directly at ${address}: ${error.message}`),
		);
	}
}
