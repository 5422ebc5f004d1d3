import type { ExecSessionInfo } from '../services/exec-service.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { OutputSink, SessionOutput } from './output-sink.ts';
import type { SessionLog } from './session-log.ts';

/** A session as those who watch it use it. */
export interface WatchedSession {
	readonly id: string;
	/** Its facts, as clients get them. */
	readonly info: ExecSessionInfo;
	readonly log: SessionLog;
	/** Outputs that come after all of the log, once the session has ended. */
	readonly lastOutputs: readonly SessionOutput[] | undefined;
	/** Input for the program. @throws OrchestraError `session_closed` */
	write(data: Uint8Array): Promise<void>;
	endInput(): void;
	/** The viewer has got on in the log. */
	moved(): void;
	/** The viewer watches no more. */
	forget(viewer: Viewer): void;
	/** The sink of the output has failed. */
	sinkFailed(error: unknown): void;
}

/** Somebody who watches a session. It reads the session's log at its own place, so that replay and live output are one stream. */
export class Viewer {
	/** Whether it may type. */
	readonly readOnly: boolean;
	/** The place where it began. */
	readonly offset: number;
	/** Bytes that were old when it began. */
	readonly replay: number;
	readonly session: WatchedSession;
	/** Resolves when nothing more comes: after `CLOSE`, or detached. Never rejects. */
	readonly done: Promise<void>;
	readonly #sink: OutputSink;
	#position: number;
	#detached = false;
	#wake: (() => void) | undefined;

	constructor(session: WatchedSession, sink: OutputSink, readOnly: boolean, from: number) {
		this.session = session;
		this.readOnly = readOnly;
		this.#sink = sink;
		this.offset = from;
		this.replay = session.log.end - from;
		this.#position = from;
		this.done = this.#pump();
	}

	get position(): number {
		return this.#position;
	}

	/** Input for the program. Resolves when it was taken. @throws OrchestraError `permission_denied`, `session_closed` */
	async write(data: Uint8Array): Promise<void> {
		this.#assertWrites();
		await this.session.write(data);
	}

	/** @throws OrchestraError `permission_denied`, `session_closed` */
	endInput(): void {
		this.#assertWrites();
		this.session.endInput();
	}

	/** Gets nothing any more; the session goes on. */
	detach(reason?: string): void {
		if (this.#detached) return;
		this.#detached = true;
		this.session.forget(this);
		this.tell();
		if (reason) this.#sink.onDetached?.(reason);
	}

	/** There is more to read. */
	tell(): void {
		this.#wake?.();
	}

	#assertWrites(): void {
		const { id } = this.session;
		if (this.#detached) throw new OrchestraError('session_closed', `session ${id}: this viewer is detached`);
		if (!this.readOnly) return;
		throw new OrchestraError(
			'permission_denied',
			`session ${id} is attached read-only: nothing can be typed`,
		);
	}

	async #pump(): Promise<void> {
		// Whoever attaches has to hear that it is attached before it hears anything else.
		await undefined;
		const { session } = this;
		try {
			for (;;) {
				if (this.#detached) return;
				const missed = Math.max(0, session.log.start - this.#position);
				const offset = this.#position + missed;
				const piece = session.log.read(offset);
				if (piece) {
					const output = { id: session.id, ...piece, signal: 'NONE', offset, missed } as const;
					const taken = this.#sink.onOutput(output);
					// It counts as read once the sink has it: until then the session holds back what would overwrite it.
					if (taken) await taken;
					this.#position = offset + piece.data.length;
					session.moved();
				} else if (session.lastOutputs) {
					for (const output of session.lastOutputs) await this.#sink.onOutput(output);
					return;
				} else {
					await new Promise<void>((resolve) => {
						this.#wake = resolve;
					});
				}
			}
		} catch (error) {
			// A sink that fails is gone.
			session.sinkFailed(error);
		} finally {
			this.#detached = true;
			session.forget(this);
		}
	}
}
