import type { ExitStatus } from '../platform/exit-status.ts';
import type { ExecInput, ExecOutput, ExecSessionInfo, StreamError } from '../services/exec-service.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { relayedError } from '../wire/relayed-error.ts';
import { outputWindowBytes, terminalInputBytes } from './exec-limits.ts';
import { ByteQueue } from './terminal/byte-queue.ts';
import type { OutputTarget, TerminalSize } from './terminal/terminal.ts';

/** A piece of output as a client gets it. */
export interface AttachedOutput {
	readonly target: OutputTarget;
	readonly data: Buffer;
	/** The place of its first byte. */
	readonly offset: number;
	/** Bytes before it that are not kept any more. */
	readonly missed: number;
}

/** End of an attachment. */
export type AttachmentEnd =
	| { readonly kind: 'closed'; readonly exit: ExitStatus; readonly error?: StreamError }
	| { readonly kind: 'detached'; readonly reason: string }
	/** The connection was lost, or the plugin stopped: the session may still be there. */
	| { readonly kind: 'lost'; readonly error: unknown };

/** Operations of an attachment that its client carries out. */
export interface AttachmentLink {
	send(input: ExecInput): void;
	resize(session: string, size: TerminalSize): Promise<void>;
	signal(session: string, signal: string): Promise<boolean>;
	close(session: string): Promise<void>;
}

const inputPiece = 32_768;

/** A session that this client watches. Read {@link output} to the end: what is not read holds up the session, and only this one. */
export class Attachment {
	readonly number: number;
	/** Resolves when it stands; rejects where it was refused. */
	readonly attached: Promise<Attachment>;
	/** Resolves when nothing more comes. Never rejects. */
	readonly ended: Promise<AttachmentEnd>;
	readonly #link: AttachmentLink;
	readonly #queue = new ByteQueue<AttachedOutput>(outputWindowBytes);
	#resolve: (attachment: Attachment) => void = () => {};
	#reject: (error: unknown) => void = () => {};
	#end: (end: AttachmentEnd) => void = () => {};
	#session: ExecSessionInfo | undefined;
	#replay = 0;
	#position = 0;
	#error: StreamError | undefined;
	#over = false;
	#unaccepted = 0;
	#accepted: (() => void)[] = [];

	constructor(number: number, link: AttachmentLink) {
		this.number = number;
		this.#link = link;
		this.attached = new Promise((resolve, reject) => {
			this.#resolve = resolve;
			this.#reject = reject;
		});
		this.ended = new Promise((resolve) => {
			this.#end = resolve;
		});
	}

	/** The session as it was when this attached. */
	get session(): ExecSessionInfo {
		if (!this.#session) throw new OrchestraError('session_closed', 'it is not attached yet');
		return this.#session;
	}

	/** Bytes of old output that come first. */
	get replay(): number {
		return this.#replay;
	}

	/** The place behind the last byte that was read: where a later attachment can go on. */
	get position(): number {
		return this.#position;
	}

	/** The output, for one reader. */
	readonly output: AsyncIterable<AttachedOutput> = {
		[Symbol.asyncIterator]: () => ({
			next: async () => {
				const piece = await this.#queue.read();
				if (!piece) return { done: true, value: undefined };
				this.#position = piece.offset + piece.data.length;
				this.#send({ op: 'credit', viewer: this.number, bytes: piece.data.length });
				return { done: false, value: piece };
			},
		}),
	};

	/** Types. Resolves when there is room for more. Input for a session that has ended goes nowhere. */
	async write(data: string | Uint8Array): Promise<void> {
		const bytes = Buffer.from(data as Uint8Array);
		for (let at = 0; at < bytes.length && !this.#over; at += inputPiece) {
			const piece = bytes.subarray(at, at + inputPiece);
			this.#unaccepted += piece.length;
			this.#send({ op: 'data', viewer: this.number, data: piece.toString('base64') });
			while (this.#unaccepted > terminalInputBytes - inputPiece && !this.#over) {
				await new Promise<void>((resolve) => this.#accepted.push(resolve));
			}
		}
	}

	/** No input comes any more. */
	endInput(): void {
		this.#send({ op: 'end', viewer: this.number });
	}

	/** Leaves the session, which goes on. */
	detach(): void {
		this.#send({ op: 'detach', viewer: this.number });
	}

	/** @throws OrchestraError `invalid_arguments`, `session_not_found` */
	resize(size: TerminalSize): Promise<void> {
		return this.#link.resize(this.session.id, size);
	}

	/** False where no program runs. @throws OrchestraError `invalid_arguments`, `session_not_found` */
	signal(signal: string): Promise<boolean> {
		return this.#link.signal(this.session.id, signal);
	}

	/**
	 * Ends the session. Resolves when its end has come here too, after all output, whichever way the two take. Read {@link output}
	 * meanwhile.
	 *
	 * @throws OrchestraError `session_not_found`, `permission_denied`
	 */
	async close(): Promise<AttachmentEnd> {
		await this.#link.close(this.session.id);
		return this.ended;
	}

	/** Takes what its client got for it. */
	take(output: Exclude<ExecOutput, { event: 'ready' }>): void {
		switch (output.event) {
			case 'attached':
				this.#session = output.session;
				this.#replay = output.replay;
				this.#position = output.offset;
				this.#resolve(this);
				break;
			case 'refused': {
				const { code, message, hint, details } = output.error;
				this.#finish({ kind: 'detached', reason: message });
				this.#reject(relayedError(code, message, { hint, details }));
				break;
			}
			case 'data': {
				const { target, offset, missed = 0 } = output;
				this.#queue.push({ target, offset, missed, data: Buffer.from(output.data, 'base64') });
				break;
			}
			case 'accepted':
				this.#unaccepted -= output.bytes;
				for (const wake of this.#accepted.splice(0)) wake();
				break;
			case 'error':
				this.#error = output.error;
				break;
			case 'close': {
				const exit = { code: output.code, signal: output.signal };
				this.#finish({ kind: 'closed', exit, ...(this.#error ? { error: this.#error } : {}) });
				break;
			}
			case 'detached':
				this.#finish({ kind: 'detached', reason: output.reason });
		}
	}

	/** The stream is gone. */
	fail(error: unknown): void {
		this.#finish({ kind: 'lost', error });
		this.#reject(error);
	}

	#send(input: ExecInput): void {
		if (!this.#over) this.#link.send(input);
	}

	#finish(end: AttachmentEnd): void {
		this.#over = true;
		this.#queue.end();
		for (const wake of this.#accepted.splice(0)) wake();
		this.#end(end);
	}
}
