import { getHeapStatistics } from 'node:v8';
import type { OrchestraError } from '../wire/orchestra-error.ts';
import { ConnectionMemory, type MemoryHolder, type SharedMemory, tooMuchHeld } from './connection-memory.ts';
import type { Peer } from './peer.ts';

/** The most that a process gives its peers by default, in bytes. */
const defaultMost = 1024 * 1024 * 1024;

/**
 * The part of it that the requests of one certificate may take. The rest is for others, and for what is not a request: an incomplete message
 * must not end a connection because many calls are under way on it.
 */
const shareOfOne = 0.75;

/** Bytes that a message may always take while it is read: cancels come through however little is left. */
const leastRoom = 64 * 1024;

/**
 * Memory that all peers of a process may use together. Beyond it a request is refused as `overloaded` where its own certificate holds the most;
 * otherwise the one that holds the most gives way, with the connection that holds the most of it. Requests of one certificate may take three
 * quarters, its incomplete messages and waiting answers one.
 */
export class RequestMemory implements SharedMemory {
	/** Bytes for all peers. */
	readonly limit: number;
	/** Bytes of requests, and of what else is kept, for one certificate. */
	readonly #share: number;
	readonly #keptShare: number;
	readonly #holders = new Map<string, MemoryHolder>();
	readonly #collected = new FinalizationRegistry<{ holder: MemoryHolder; bytes: number }>(
		({ holder, bytes }) => {
			holder.left -= bytes;
			this.#forgetIfEmpty(holder);
		},
	);
	#used = 0;

	constructor(limit: number) {
		this.limit = limit;
		this.#share = limit * shareOfOne;
		this.#keptShare = limit - this.#share;
	}

	/** Bytes that are counted now. */
	get used(): number {
		return this.#used;
	}

	/**
	 * @param giveWay ends the connection, and tells its peer why
	 * @param native what has the connection's native memory, if it has any
	 */
	join(peer: Peer, giveWay: (error: OrchestraError) => void, native?: object): ConnectionMemory {
		let holder = this.#holders.get(peer.name);
		if (!holder) {
			holder = { name: peer.name, bytes: 0, kept: 0, left: 0, connections: new Set() };
			this.#holders.set(peer.name, holder);
		}
		return new ConnectionMemory(this, holder, giveWay, native);
	}

	roomOf(holder: MemoryHolder): number {
		const own = this.#share - (holder.bytes - holder.kept);
		const others = this.#used - holder.bytes;
		// A holder that is not the largest gets its share: what is missing the largest gives back.
		const room =
			others > this.#keptShare && this.#largest() === holder ? Math.min(own, this.limit - this.#used) : own;
		return Math.max(leastRoom, room);
	}

	take(holder: MemoryHolder, bytes: number): boolean {
		holder.bytes += bytes;
		this.#used += bytes;
		if (holder.bytes - holder.kept > this.#share) return false;
		return this.#used <= this.limit || this.#makeRoom(holder);
	}

	keep(holder: MemoryHolder, bytes: number): void {
		holder.bytes += bytes;
		holder.kept += bytes;
		this.#used += bytes;
		if (bytes < 0) return;
		const tooMany =
			holder.kept + holder.left > this.#keptShare || (this.#used > this.limit && !this.#makeRoom(holder));
		if (tooMany) fattestOf(holder, 'kept')?.giveWay(tooMuchHeld());
	}

	release(holder: MemoryHolder, bytes: number): void {
		holder.bytes -= bytes;
		this.#used -= bytes;
	}

	leave(holder: MemoryHolder, bytes: number, native: object): void {
		holder.left += bytes;
		this.#collected.register(native, { holder, bytes });
	}

	left(holder: MemoryHolder, connection: ConnectionMemory): void {
		holder.connections.delete(connection);
		this.#forgetIfEmpty(holder);
	}

	#forgetIfEmpty(holder: MemoryHolder): void {
		const empty = holder.bytes === 0 && holder.left === 0 && holder.connections.size === 0;
		if (empty && this.#holders.get(holder.name) === holder) this.#holders.delete(holder.name);
	}

	#makeRoom(asking: MemoryHolder): boolean {
		const largest = this.#largest();
		if (!largest || largest === asking) return false;
		const fattest = fattestOf(largest, 'bytes');
		// Connections that are over have nothing to give, though their handlers may still hold what they asked for.
		if (!fattest) return false;
		fattest.giveWay(tooMuchHeld());
		return true;
	}

	#largest(): MemoryHolder | undefined {
		let largest: MemoryHolder | undefined;
		for (const holder of this.#holders.values()) {
			if (!largest || holder.bytes > largest.bytes) largest = holder;
		}
		return largest;
	}
}

function fattestOf(holder: MemoryHolder, by: 'bytes' | 'kept'): ConnectionMemory | undefined {
	let fattest: ConnectionMemory | undefined;
	for (const connection of holder.connections) {
		if (!fattest || connection[by] > fattest[by]) fattest = connection;
	}
	return fattest;
}

/** Memory of listeners that were given none of their own: one for all of a process. */
export const processMemory = new RequestMemory(defaultLimit());

/** `ORCHESTRA_REQUEST_MEMORY`, in MiB; a quarter of what the heap may grow to, and 1 GiB at most, where it is not set. */
function defaultLimit(): number {
	const asked = Number(process.env.ORCHESTRA_REQUEST_MEMORY);
	if (asked > 0) return asked * 1024 * 1024;
	return Math.min(getHeapStatistics().heap_size_limit / 4, defaultMost);
}
