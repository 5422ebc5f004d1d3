import { type Address, formatAddress, formatHostPort } from '../../runtime/carrier/address.ts';
import type { Listener } from '../../runtime/carrier/carrier.ts';
import { errorResponse } from '../../runtime/carrier/error-response.ts';
import type { IncomingExchange } from '../../runtime/carrier/incoming-exchange.ts';
import { listen } from '../../runtime/carrier/network-carrier.ts';
import type { Identity } from '../../runtime/identity/identity.ts';
import type { PluginManifest } from '../../runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** A registration, as it came. */
export interface Registration {
	readonly manifest: PluginManifest;
	/** The name on the certificate of who sent it. */
	readonly peer: string;
}

/** Stands where a plugin expects its orchestrator: takes registrations and events, notes them, and offers nothing. */
export class RecordingHost implements AsyncDisposable {
	readonly #listener: Listener;
	readonly #registrations: Registration[];
	#wake: (() => void)[] = [];

	private constructor(listener: Listener, registrations: Registration[], onRegistered: Set<() => void>) {
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
		const handler = (exchange: IncomingExchange) => {
			const { request, peer } = exchange;
			if (request.register) {
				registrations.push({ manifest: request.register, peer: peer.name });
				exchange.finish({ register: { accepted: true } });
				for (const told of onRegistered) told();
			} else if (request.publish || request.subscribe || request.unsubscribe) exchange.finish({});
			else exchange.finish(errorResponse(request, offersNothing(exchange)));
		};
		const listener = await listen({ carrier, host: '127.0.0.1', port: 0 }, { identity, handler });
		return new RecordingHost(listener, registrations, onRegistered);
	}

	/** As a plugin is given it: a bare `host:port` is QUIC. */
	get address(): string {
		const address: Address = this.#listener.address;
		return address.carrier === 'quic' ? formatHostPort(address) : formatAddress(address);
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

function offersNothing({ request }: IncomingExchange): OrchestraError {
	const { storageRead, storageWrite, storageDelete, storageList, toolCall, streamStart } = request;
	if (storageRead || storageWrite || storageDelete || storageList)
		return new OrchestraError('storage_unavailable', 'the conformance test provides no storage');
	if (toolCall || streamStart)
		return new OrchestraError('tool_not_found', 'the conformance test has no tools');
	return new OrchestraError('unknown_request', 'the conformance test does not know this kind of request');
}
