import { type Address, formatAddress, formatHostPort } from '../../runtime/carrier/address.ts';
import type { Connection, Listener } from '../../runtime/carrier/carrier.ts';
import { errorResponse } from '../../runtime/carrier/error-response.ts';
import type { IncomingExchange } from '../../runtime/carrier/incoming-exchange.ts';
import { listen } from '../../runtime/carrier/network-carrier.ts';
import { forwardExchange } from '../../runtime/hosting/forward-exchange.ts';
import type { Identity } from '../../runtime/identity/identity.ts';
import type { PluginManifest, PluginRequest } from '../../runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** A registration, as it came. */
export interface Registration {
	readonly manifest: PluginManifest;
	/** The name on the certificate of who sent it. */
	readonly peer: string;
}

/** A plugin that requests are routed to. */
interface Hosted {
	connection: Connection | undefined;
}

/**
 * Stands where a plugin expects its orchestrator: takes its registration and its events, and routes what it asks for to the plugin
 * itself: it reaches its own tools and its own storage this way, and nobody else's.
 */
export class RecordingHost implements AsyncDisposable {
	readonly #listener: Listener;
	readonly #registrations: Registration[];
	#wake: (() => void)[] = [];
	readonly #hosted: Hosted;

	private constructor(
		listener: Listener,
		registrations: Registration[],
		onRegistered: Set<() => void>,
		hosted: Hosted,
	) {
		this.#hosted = hosted;
		this.#listener = listener;
		this.#registrations = registrations;
		onRegistered.add(() => {
			for (const wake of this.#wake.splice(0)) wake();
		});
	}

	/** @throws OrchestraError what {@link listen} throws */
	static async open(identity: Identity, carrier: 'quic' | 'tcp'): Promise<RecordingHost> {
		const registrations: Registration[] = [];
		const onRegistered = new Set<() => void>();
		const hosted: Hosted = { connection: undefined };
		const handler = (exchange: IncomingExchange) => {
			const { request, peer } = exchange;
			if (request.register) {
				registrations.push({ manifest: request.register, peer: peer.name });
				exchange.finish({ register: { accepted: true } });
				for (const told of onRegistered) told();
			} else if (request.publish || request.subscribe || request.unsubscribe) exchange.finish({});
			else if (hosted.connection?.open && isRouted(request)) forwardExchange(exchange, hosted.connection);
			else exchange.finish(errorResponse(request, notOffered()));
		};
		const listener = await listen({ carrier, host: '127.0.0.1', port: 0 }, { identity, handler });
		return new RecordingHost(listener, registrations, onRegistered, hosted);
	}

	/** Address in the form that a plugin is given: a bare `host:port` is QUIC. */
	get address(): string {
		const address: Address = this.#listener.address;
		return address.carrier === 'quic' ? formatHostPort(address) : formatAddress(address);
	}

	/** Routes requests to this connection from now on. */
	routeTo(connection: Connection): void {
		this.#hosted.connection = connection;
	}

	/** Forgets what was registered so far. */
	forget(): void {
		this.#registrations.length = 0;
	}

	/** The first registration since {@link forget}; undefined where none comes in time. */
	async registration(timeoutMs: number): Promise<Registration | undefined> {
		if (this.#registrations.length === 0) {
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, timeoutMs);
				this.#wake.push(() => {
					clearTimeout(timer);
					resolve();
				});
			});
		}
		return this.#registrations[0];
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#listener.close();
	}
}

function isRouted(request: PluginRequest): boolean {
	const { storageRead, storageWrite, storageDelete, storageList, toolCall, streamStart } = request;
	return Boolean(storageRead || storageWrite || storageDelete || storageList || toolCall || streamStart);
}

function notOffered(): OrchestraError {
	return new OrchestraError('unknown_request', 'the conformance test does not know this kind of request');
}
