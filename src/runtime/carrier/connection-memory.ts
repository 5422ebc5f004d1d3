import type { DecodedSize } from '../wire/decoded-size.ts';
import { inputWindowBytes } from '../wire/flow.ts';
import { decodeRequest } from '../wire/frame.ts';
import type { PluginRequest } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';

/** Bytes of an exchange besides its request: our objects for it, and a handler's promises. */
const exchangeBytes = 1024;

/** Incomplete messages and waiting answers of one connection that are not counted, in bytes: the usual traffic is not felt so. */
const uncountedBytes = 64 * 1024;

/** The share of a process's memory that one certificate holds, over all its connections. */
export interface MemoryHolder {
	readonly name: string;
	bytes: number;
	/** The part of them that is incomplete messages, waiting answers and native memory. */
	kept: number;
	/** Bytes of native memory that connections have left which are over, until it is collected. Not among the others. */
	left: number;
	readonly connections: Set<ConnectionMemory>;
}

/** The memory that connections share. */
export interface SharedMemory {
	/** Bytes that a holder may take yet, with one more message. */
	roomOf(holder: MemoryHolder): number;
	/** Counts bytes of a request. False where there are too many, and nobody but the holder itself could give way. */
	take(holder: MemoryHolder, bytes: number): boolean;
	/** Counts bytes that are no request's. Where there are too many a connection gives way, perhaps the holder's. */
	keep(holder: MemoryHolder, bytes: number): void;
	release(holder: MemoryHolder, bytes: number): void;
	/** Counts native memory against the holder until `native`, which has it, is collected: nothing else frees it. */
	leave(holder: MemoryHolder, bytes: number, native: object): void;
	/** A connection holds nothing any more that it could give back. */
	left(holder: MemoryHolder, connection: ConnectionMemory): void;
}

/**
 * Memory that one connection makes its listener use: for requests until they are answered, counted as what they take once they are decoded,
 * messages that are not complete, and answers that wait for their reader.
 */
export class ConnectionMemory {
	readonly #shared: SharedMemory;
	readonly #holder: MemoryHolder;
	readonly #giveWay: (error: OrchestraError) => void;
	#native: object | undefined;
	readonly #size: DecodedSize = { most: 0, taken: 0 };
	#requests = 0;
	#incomplete = 0;
	#answers = 0;
	#engine = 0;
	#over = false;

	/**
	 * @param giveWay ends the connection, and tells its peer why
	 * @param native what has the connection's native memory, if it has any
	 */
	constructor(
		shared: SharedMemory,
		holder: MemoryHolder,
		giveWay: (error: OrchestraError) => void,
		native?: object,
	) {
		this.#shared = shared;
		this.#holder = holder;
		this.#giveWay = giveWay;
		this.#native = native;
		holder.connections.add(this);
	}

	/** All that it holds, in bytes. */
	get bytes(): number {
		return this.#requests + this.kept;
	}

	/** Bytes of incomplete messages, waiting answers and native memory. */
	get kept(): number {
		return this.#incomplete + this.#answers + this.#engine;
	}

	/**
	 * Reads a request, as {@link decodeRequest} does, within the memory that there is.
	 *
	 * @throws OrchestraError `overloaded`, `malformed_message`, `nesting_too_deep`, `not_json`
	 */
	decode(payload: Uint8Array): PluginRequest {
		this.#size.most = this.#shared.roomOf(this.#holder);
		return decodeRequest(payload, this.#size);
	}

	/**
	 * Counts the request that was decoded last, until {@link release}.
	 *
	 * @returns its bytes; 0, and nothing is counted, where there is no room for it
	 */
	admit(request: PluginRequest): number {
		const bytes = this.#size.taken + exchangeBytes + (request.sendsInput ? inputWindowBytes : 0);
		if (!this.#shared.take(this.#holder, bytes)) {
			this.#shared.release(this.#holder, bytes);
			return 0;
		}
		this.#requests += bytes;
		return bytes;
	}

	/** A request was answered. */
	release(bytes: number): void {
		this.#requests -= bytes;
		this.#shared.release(this.#holder, bytes);
		if (this.#over) this.#shared.left(this.#holder, this);
	}

	/** So many bytes are here of messages that are not complete. May end the connection, or another. */
	setIncomplete(bytes: number): void {
		const before = this.#incomplete;
		this.#incomplete = counted(bytes);
		if (this.#incomplete !== before) this.#change(this.#incomplete - before);
	}

	/** So many bytes of answers wait. May end the connection, or another. */
	setAnswers(bytes: number): void {
		const before = this.#answers;
		this.#answers = counted(bytes);
		if (this.#answers !== before) this.#change(this.#answers - before);
	}

	/** So many bytes of native memory are held, which are not freed when the connection ends. May end the connection, or another. */
	setEngine(bytes: number): void {
		const before = this.#engine;
		this.#engine = counted(bytes);
		if (this.#engine !== before) this.#change(this.#engine - before);
	}

	/** Makes room for others. */
	giveWay(error: OrchestraError): void {
		this.over();
		this.#giveWay(error);
	}

	/** The connection is over. What its handlers still hold counts on until they end, and native memory until it is collected. */
	over(): void {
		if (this.#over) return;
		const engine = this.#engine;
		this.setIncomplete(0);
		this.setAnswers(0);
		this.setEngine(0);
		if (engine > 0 && this.#native) this.#shared.leave(this.#holder, engine, this.#native);
		this.#native = undefined;
		this.#over = true;
		this.#shared.left(this.#holder, this);
	}

	#change(bytes: number): void {
		if (this.#over) return;
		this.#shared.keep(this.#holder, bytes);
	}
}

/** The error for a request for which there is no room. */
export function noMemoryLeft(): OrchestraError {
	return new OrchestraError('overloaded', 'the calls under way take all the memory that there is for them', {
		retryable: true,
		hint: 'Wait for some of them to end, or send less at once.',
	});
}

/** The error for a connection that ends to make room for others. */
export function tooMuchHeld(): OrchestraError {
	return new OrchestraError(
		'overloaded',
		'the connection was closed, since its peer held more memory than any other: messages that are not complete, calls under way, answers that nobody reads',
		{ retryable: true, hint: 'Send less at once, and read the answers.' },
	);
}

function counted(bytes: number): number {
	return bytes > uncountedBytes ? bytes : 0;
}
