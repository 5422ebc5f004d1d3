import { streamCode } from '../driver/close-code.ts';
import { type QuicheConnection, shutdownRead, shutdownWrite } from '../native/quiche.ts';

/**
 * Milliseconds after which a peer that has not ended a stopped stream is told once more, by a message: quiche 0.18 does not
 * send a STOP_SENDING again whose packet was lost.
 */
const overdueMs = 1000;

/** Milliseconds after which a stopped stream is given up that the peer never ends. */
const hopelessMs = 60_000;

interface Stopped {
	readonly requestId: string;
	/** On the clock of performance.now(). */
	readonly since: number;
	told: boolean;
}

/**
 * Streams that nobody reads any more, until both ends have ended them. quiche drops a stream when an acknowledgement completes
 * it, so a stopped stream is reset only after the peer has ended its half: that reset is sure to be acknowledged later.
 */
export class StoppedStreams {
	#unwanted: [streamId: number, requestId: string][] = [];
	readonly #stopped = new Map<number, Stopped>();

	/** Number of stopped streams. */
	get size(): number {
		return this.#unwanted.length + this.#stopped.size;
	}

	/** Stops a stream, when everything is sent that was given to it. */
	stop(streamId: number, requestId: string): void {
		this.#unwanted.push([streamId, requestId]);
	}

	/** The peer has ended its half already; ours is not done and will not be. */
	reset(streamId: number): void {
		this.#stopped.set(streamId, { requestId: '', since: performance.now(), told: true });
	}

	/** Does what is due. True where that leaves something to send. */
	settle(native: QuicheConnection, received: boolean): boolean {
		let more = this.#unwanted.length > 0;
		for (const [streamId, requestId] of this.#unwanted) {
			native.streamShutdown(streamId, shutdownRead, streamCode);
			this.#stopped.set(streamId, { requestId, since: performance.now(), told: false });
		}
		this.#unwanted = [];
		if (!received || this.#stopped.size === 0) return more;
		for (const streamId of this.#stopped.keys()) {
			if (!native.streamFinished(streamId)) continue;
			this.#reset(native, streamId);
			more = true;
		}
		return more;
	}

	/** The requests whose streams the peer should have ended by now. Each is given once. */
	overdue(native: QuicheConnection): string[] {
		const now = performance.now();
		const requests: string[] = [];
		for (const [streamId, stopped] of this.#stopped) {
			if (now - stopped.since > hopelessMs) this.#reset(native, streamId);
			if (stopped.told || now - stopped.since < overdueMs) continue;
			stopped.told = true;
			requests.push(stopped.requestId);
		}
		return requests;
	}

	/** Forgets them all: the connection is over. */
	clear(): void {
		this.#unwanted = [];
		this.#stopped.clear();
	}

	#reset(native: QuicheConnection, streamId: number): void {
		native.streamShutdown(streamId, shutdownWrite, streamCode);
		this.#stopped.delete(streamId);
	}
}
