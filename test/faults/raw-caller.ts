import { decodeResponse } from '../../src/runtime/wire/frame.ts';
import type { PluginResponse } from '../../src/runtime/wire/generated/messages.ts';
import { RawClient as QuicClient } from '../carriers/quic-raw-client.ts';
import { RawClient as TcpClient } from '../carriers/tcp/raw-client.ts';
import { within } from '../carriers/within.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { FaultBench } from './fault-case.ts';

/** A client with a good certificate that sends whatever bytes it likes. */
export interface RawCaller {
	/**
	 * Sends bytes where a request belongs, on QUIC on a stream of their own. Gives the response that comes next, or undefined where
	 * the peer ends the connection (TCP) or the stream (QUIC) without one.
	 */
	ask(bytes: Uint8Array, options?: { readonly end?: boolean }): Promise<PluginResponse | undefined>;
	/** Waits until the peer has ended the connection. */
	gone(): Promise<void>;
	/** Ends the connection. */
	leave(): Promise<void>;
}

/** Connects to the listener of a case. */
export async function rawCaller(bench: FaultBench): Promise<RawCaller> {
	const { listener, network, carrier } = bench;
	const caller =
		carrier === 'tcp'
			? new RawTcp(await TcpClient.connect(listener.address, network.client))
			: new RawQuic(
					await QuicClient.dial(listener.address, { identity: network.client, caPem: network.client.caPem }),
				);
	bench.defer(() => caller.leave());
	return caller;
}

class RawTcp implements RawCaller {
	readonly #client: TcpClient;
	#seen = 0;

	constructor(client: TcpClient) {
		this.#client = client;
	}

	async ask(bytes: Uint8Array, { end = false } = {}): Promise<PluginResponse | undefined> {
		this.#client.write(bytes);
		if (end) this.#client.socket.end();
		const wanted = ++this.#seen;
		const next = () => this.#client.responses[wanted - 1];
		const ended = this.#client.ended.then(() => undefined);
		const came = waitUntil(() => next() !== undefined).then(next);
		came.catch(() => undefined);
		return (await Promise.race([came, ended])) ?? next();
	}

	gone(): Promise<void> {
		return this.#client.gone();
	}

	async leave(): Promise<void> {
		this.#client.close();
	}
}

class RawQuic implements RawCaller {
	readonly #client: QuicClient;
	#nextStream = 4;
	#confirmed: Promise<void> | undefined;

	constructor(client: QuicClient) {
		this.#client = client;
	}

	async ask(bytes: Uint8Array, { end = false } = {}): Promise<PluginResponse | undefined> {
		this.#confirmed ??= this.#client.confirmed();
		await this.#confirmed;
		const streamId = this.#nextStream;
		this.#nextStream += 4;
		this.#client.send(streamId, bytes, end);
		const frames = () => this.#client.frames.get(streamId) ?? [];
		await waitUntil(() => frames().length > 0 || this.#client.finished.has(streamId));
		const [first] = frames();
		return first && decodeResponse(first);
	}

	async gone(): Promise<void> {
		await within(this.#client.ended, 'the server ends the connection');
	}

	async leave(): Promise<void> {
		this.#client.driver.close(0, '');
		await this.#client.vanish();
	}
}
