import type { ExecInput, ExecOutput } from '../services/exec-service.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { outputWindowBytes, terminalInputBytes } from './exec-limits.ts';
import type { ExecCaller, ExecManager } from './exec-manager.ts';
import type { OutputSink, SessionOutput } from './output-sink.ts';
import type { Viewer } from './viewer.ts';

/** One attachment of a client, on the serving side of its stream. */
export class StreamViewer implements OutputSink {
	readonly number: number;
	readonly #onReady: (viewer: StreamViewer) => void;
	/** Outputs to be sent. Program output waits with its sink, so that there is one piece of it at most. */
	readonly #waiting: ExecOutput[] = [];
	#taken: (() => void) | undefined;
	#credit = outputWindowBytes;
	#viewer: Viewer | undefined;
	#left = false;
	#typed: Promise<void> = Promise.resolve();
	#typing = 0;
	#over = false;

	constructor(number: number, onReady: (viewer: StreamViewer) => void) {
		this.number = number;
		this.#onReady = onReady;
	}

	/** Whether nothing comes of it any more. */
	get over(): boolean {
		return this.#over && this.#waiting.length === 0;
	}

	/** Whether something can be said now. */
	get hasMore(): boolean {
		const [next] = this.#waiting;
		return next !== undefined && (next.event !== 'data' || this.#credit > 0);
	}

	/** Next output to be sent. */
	next(): ExecOutput | undefined {
		if (!this.hasMore) return undefined;
		const output = this.#waiting.shift();
		if (output?.event === 'data') {
			this.#credit -= Buffer.byteLength(output.data, 'base64');
			this.#taken?.();
			this.#taken = undefined;
		}
		return output;
	}

	async begin(
		message: Extract<ExecInput, { op: 'attach' | 'open' }>,
		manager: ExecManager,
		by: ExecCaller,
	): Promise<void> {
		try {
			const viewer =
				message.op === 'open'
					? await manager.open(message.open, this, by)
					: manager.attach(message.session, this, by.caller, {
							readOnly: message.readOnly === true,
							...(typeof message.from === 'number' ? { from: message.from } : {}),
						});
			this.#viewer = viewer;
			if (this.#left) {
				viewer.detach();
				return;
			}
			const { session, offset, replay } = viewer;
			// Before whatever the session has said meanwhile.
			this.#waiting.unshift({
				event: 'attached',
				viewer: this.number,
				session: session.info,
				offset,
				replay,
			});
			this.#onReady(this);
		} catch (error) {
			this.refuse(OrchestraError.from(error, 'internal'));
		}
	}

	refuse({ code, message, hint, details }: OrchestraError): void {
		const error = { code, message, ...(hint ? { hint } : {}), ...(details ? { details } : {}) };
		this.#over = true;
		this.#say({ event: 'refused', viewer: this.number, error });
	}

	/** More output may come. */
	grant(bytes: number): void {
		if (!Number.isSafeInteger(bytes) || bytes < 0) {
			throw new OrchestraError('malformed_message', 'no credit for output');
		}
		this.#credit = Math.min(this.#credit + bytes, outputWindowBytes);
		if (this.hasMore) this.#onReady(this);
	}

	/** Input of the client, in base64. It waits for nobody but those before it. */
	type(text: string): void {
		if (typeof text !== 'string') throw new OrchestraError('malformed_message', 'input is no text');
		const data = Buffer.from(text, 'base64');
		this.#typing += data.length;
		if (this.#typing > 2 * terminalInputBytes) {
			throw new OrchestraError('malformed_message', 'more input than a session takes at a time');
		}
		this.#typed = this.#typed.then(async () => {
			try {
				await this.#viewer?.write(data);
			} catch {
				// It is read-only, or has ended: its client hears of that otherwise.
			}
			this.#typing -= data.length;
			if (!this.#over) this.#say({ event: 'accepted', viewer: this.number, bytes: data.length });
		});
	}

	endInput(): void {
		this.#typed = this.#typed.then(() => {
			try {
				this.#viewer?.endInput();
			} catch {
				// It is read-only, or has ended, as above.
			}
		});
	}

	/** The client wants no more of it. */
	detach(): void {
		this.leave();
		this.#over = true;
		this.#say({ event: 'detached', viewer: this.number, reason: '' });
	}

	/** Nobody listens any more. */
	leave(): void {
		this.#left = true;
		this.#waiting.length = 0;
		this.#viewer?.detach();
		this.#taken?.();
		this.#taken = undefined;
	}

	onOutput({ target, data, signal, offset, missed, error, exit }: SessionOutput): void | Promise<void> {
		if (this.#left) return;
		const { number: viewer } = this;
		const text = () => Buffer.from(data).toString('utf8');
		if (signal === 'ERROR' && error) {
			this.#say({ event: 'error', viewer, text: text(), error });
		} else if (signal === 'CLOSE') {
			this.#over = true;
			const { code = null, signal: by = null } = exit ?? {};
			this.#say({ event: 'close', viewer, text: text(), code, signal: by });
		} else {
			const bytes = data as Buffer;
			const gap = missed > 0 ? { missed } : {};
			const taken = new Promise<void>((resolve) => {
				this.#taken = resolve;
			});
			this.#say({ event: 'data', viewer, target, data: bytes.toString('base64'), offset, ...gap });
			return taken;
		}
	}

	onDetached(reason: string): void {
		if (this.#left) return;
		this.#over = true;
		this.#say({ event: 'detached', viewer: this.number, reason });
	}

	#say(output: ExecOutput): void {
		this.#waiting.push(output);
		if (this.hasMore) this.#onReady(this);
	}
}
