import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { KeepAlive } from '../carrier.ts';
import { longestTimerMs } from '../deadline-queue.ts';
import { keepAliveIntervals } from '../keep-alive.ts';
import { PatientTimer } from '../patient-timer.ts';
import type { FrameLink } from './frame-link.ts';

/** The connection of a {@link LivenessProbe}, as far as it is used. */
export interface ProbeOwner {
	/** Sends the question; any byte answers it. */
	probe(): void;
	/** The peer has not answered. */
	vanished(error: OrchestraError): void;
}

/**
 * Asks the server of a connection for a sign of life when one direction of it was silent for a while, and finds out that none
 * comes. It sends also where the server is heard but nothing is sent to it, since the server was promised to hear of us.
 *
 * One timer for a connection: it looks at what went over the link since it was armed, so that a busy connection does not pay.
 */
export class LivenessProbe {
	readonly #link: FrameLink;
	readonly #owner: ProbeOwner;
	readonly #idleMs: number;
	readonly #answerMs: number;
	readonly #timer = new PatientTimer((late) => this.#look(late));
	/** Time when the question was sent that is not answered yet. */
	#askedAt: number | undefined;
	#progressSeen = 0;
	/** Whether the question stands behind other output. */
	#behind = false;

	constructor(link: FrameLink, owner: ProbeOwner, options?: KeepAlive) {
		this.#link = link;
		this.#owner = owner;
		const { idleMs, answerMs } = keepAliveIntervals(options);
		this.#idleMs = idleMs;
		this.#answerMs = answerMs;
	}

	/** Longest silence of ours, as the server is told; 0 where we never ask, and promise nothing. */
	get silenceMs(): number {
		const ms = this.#idleMs + this.#answerMs;
		return ms <= longestTimerMs ? Math.ceil(ms) : 0;
	}

	/** Whether the peer has been silent so long that nothing should be sent before it has answered. */
	get doubtful(): boolean {
		return performance.now() - this.#link.heardAt >= this.#idleMs;
	}

	/** Whether the peer was asked a while ago; it may have answered since. */
	get asked(): boolean {
		return this.#askedAt !== undefined;
	}

	start(): void {
		this.#timer.arm(this.#idleMs);
	}

	stop(): void {
		this.#timer.clear();
	}

	/** Asks now, unless an answer is awaited already. */
	ask(): void {
		if (this.#waiting) return;
		this.#askedAt = performance.now();
		this.#progressSeen = this.#link.progress;
		this.#behind = this.#link.backlogged;
		this.#owner.probe();
		this.#timer.arm(this.#answerMs);
	}

	get #waiting(): boolean {
		return this.#askedAt !== undefined && this.#link.heardAt < this.#askedAt;
	}

	#look(late: boolean): void {
		const link = this.#link;
		const now = performance.now();
		if (!this.#waiting) {
			this.#askedAt = undefined;
			const quietMs = now - Math.min(link.heardAt, link.sentAt);
			if (quietMs < this.#idleMs) this.#timer.arm(Math.max(1, this.#idleMs - quietMs));
			else this.ask();
			return;
		}
		if (late) {
			// The answer may be here, unread.
			this.#timer.arm(this.#answerMs);
			return;
		}
		if (this.#behind && link.progress !== this.#progressSeen) {
			// A slow path, but the peer takes what is sent; the question may only just have left.
			this.#behind = link.backlogged;
			this.#progressSeen = link.progress;
			this.#timer.arm(this.#answerMs);
			return;
		}
		this.#owner.vanished(
			new OrchestraError('connection_lost', `the peer gave no sign of life within ${this.#answerMs} ms`, {
				details: { idleMs: this.#idleMs, answerMs: this.#answerMs },
			}),
		);
	}
}
