import { clearInterval, setInterval } from 'node:timers';
import type { KeepAlive } from '../../carrier.ts';
import { keepAliveIntervals } from '../../keep-alive.ts';
import type { QuicDriver } from '../driver/quic-driver.ts';
import { idleTimeoutMs } from '../native/quic-config.ts';

/** Milliseconds between two signs of life, at most. Paths with address translation forget a flow after about twice that. */
const keepAliveMs = 15_000;

/**
 * The same while calls wait for their answers. A peer whose process has died shows at once when something is sent to it, since
 * the system then refuses the datagram; but a call that waits sends nothing.
 */
const busyKeepAliveMs = 2000;

/** Longest silence of a client and its peer, as the client announces it in the handshake. */
export function announcedSilenceMs(keepAlive?: KeepAlive): number {
	const { idleMs, answerMs } = keepAliveIntervals(keepAlive);
	return Math.ceil(Math.min(idleMs + answerMs, idleTimeoutMs));
}

/** The connection of a {@link LivenessProbe}, as far as it is used. */
export interface ProbeOwner {
	/** Whether calls wait for their answers. */
	readonly busy: boolean;
	/** Called regularly, for what else has to be looked after. */
	look(): void;
}

/**
 * Keeps the connection of a client alive, and finds out that the peer has vanished. The socket keeps the process alive as long as
 * the connection is open; the one timer here does not.
 */
export class LivenessProbe {
	readonly #driver: QuicDriver;
	readonly #owner: ProbeOwner;
	readonly #idleMs: number;
	readonly #silenceMs: number;
	readonly #tickMs: number;
	readonly #timer: ReturnType<typeof setInterval>;
	#tickedAt = performance.now();
	/** Silence before that was this process's own: it stood still. */
	#since = 0;
	#suspicious = false;

	constructor(driver: QuicDriver, owner: ProbeOwner, keepAlive?: KeepAlive) {
		this.#driver = driver;
		this.#owner = owner;
		const { idleMs, answerMs } = keepAliveIntervals(keepAlive);
		this.#idleMs = idleMs;
		this.#silenceMs = announcedSilenceMs(keepAlive);
		this.#tickMs = Math.max(1, Math.min(busyKeepAliveMs, idleMs / 2, answerMs / 2));
		this.#timer = setInterval(() => this.#tick(), this.#tickMs);
		this.#timer.unref();
	}

	/** Whether the peer has been silent so long that nothing should be sent before it has answered. */
	get doubtful(): boolean {
		// The clock is not read for a busy connection.
		if (!this.#suspicious && this.#owner.busy) return false;
		return !this.#driver.heardOf(performance.now() - this.#idleMs);
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	#tick(): void {
		this.#owner.look();
		const driver = this.#driver;
		const now = performance.now();
		if (now - this.#tickedAt > 2 * this.#tickMs + 20) this.#since = now;
		this.#tickedAt = now;
		this.#suspicious = !driver.heardOf(now - this.#idleMs);
		if (now - this.#since > this.#silenceMs && !driver.heardOf(now - this.#silenceMs)) {
			driver.giveUp();
			return;
		}
		const every = Math.min(this.#idleMs, this.#owner.busy ? busyKeepAliveMs : keepAliveMs);
		if (!driver.heardOf(now - every * 0.9)) driver.keepAlive();
	}
}
