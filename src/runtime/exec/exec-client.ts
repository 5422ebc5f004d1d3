import type { Connection } from '../carrier/carrier.ts';
import { settlesWithin } from '../platform/settles-within.ts';
import type { ExecInput, ExecOutput, SessionInput } from '../services/exec-service.ts';
import { execService } from '../services/exec-service.ts';
import { type ServiceCallOptions, type ServiceClient, serviceClient } from '../services/service-client.ts';
import type { JsonObject } from '../wire/json-value.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { Attachment } from './attachment.ts';

/** Milliseconds that the other end gets to end the stream. */
const closeTimeoutMs = 2_000;

/** Options of an {@link ExecClient}'s calls. */
export interface ExecClientOptions {
	/** W3C trace context that its sessions are part of. Default: none. */
	readonly traceParent?: string | undefined;
	/** The plugin behind an orchestrator. Default: the peer itself. */
	readonly plugin?: string | undefined;
}

/** Options of attaching. */
export interface AttachOptions {
	/** Only to watch. Default false. */
	readonly readOnly?: boolean | undefined;
	/** The place in the output to go on at ({@link Attachment.position} of an earlier one). Default: all that is kept. */
	readonly from?: number | undefined;
}

/** A client of the terminal sessions of one plugin. All attachments share one exchange. */
export class ExecClient {
	/** The other operations: resources, list, close, signal, … */
	readonly service: ServiceClient<typeof execService.methods>;
	readonly options: ServiceCallOptions;
	readonly #attachments = new Map<number, Attachment>();
	readonly #outbox: ExecInput[] = [];
	#sent: (() => void) | undefined;
	#running: Promise<void> | undefined;
	readonly #abort = new AbortController();
	#closed = false;
	#next = 1;

	constructor(connection: Connection, { plugin, traceParent }: ExecClientOptions = {}) {
		this.service = serviceClient(execService, connection, { traceParent });
		this.options = plugin ? { plugin } : {};
	}

	/** Opens a session and attaches to it: its output comes from the first byte. Rejects with what the service refused it with. */
	open(open: SessionInput): Promise<Attachment> {
		return this.#attach((viewer) => ({ op: 'open', viewer, open }));
	}

	/** Attaches to a session. @throws OrchestraError `session_not_found`, `permission_denied` */
	attach(session: string, { readOnly = false, from }: AttachOptions = {}): Promise<Attachment> {
		const place = from === undefined ? {} : { from };
		return this.#attach((viewer) => ({ op: 'attach', viewer, session, readOnly, ...place }));
	}

	/** Detaches from everything; the sessions go on. A peer that hangs is waited for no longer than two seconds. */
	async close(): Promise<void> {
		this.#closed = true;
		this.#sent?.();
		if (this.#running) await settlesWithin(this.#running, closeTimeoutMs);
		// A client that has not answered by now is gone, or hangs.
		this.#abort.abort();
	}

	#attach(message: (viewer: number) => ExecInput): Promise<Attachment> {
		if (this.#closed) return Promise.reject(new OrchestraError('connection_closed', 'the client is closed'));
		const number = this.#next++;
		const attachment = new Attachment(number, {
			send: (input) => this.#send(input),
			resize: async (session, size) => {
				await this.service.resize({ session, ...size }, this.options);
			},
			signal: async (session, signal) =>
				(await this.service.signal({ session, signal }, this.options)).delivered,
			close: async (session) => {
				await this.service.close({ session }, this.options);
			},
		});
		this.#attachments.set(number, attachment);
		this.#send(message(number));
		this.#running ??= this.#run();
		return attachment.attached;
	}

	#send(input: ExecInput): void {
		this.#outbox.push(input);
		this.#sent?.();
	}

	/** Messages in the order in which they were sent. Input is bounded by what each session takes, the others are small. */
	async *#inputs(): AsyncGenerator<ExecInput, void> {
		for (;;) {
			const next = this.#outbox.shift();
			if (next) yield next;
			else if (this.#closed) return;
			else {
				await new Promise<void>((resolve) => {
					this.#sent = resolve;
				});
			}
		}
	}

	async #run(): Promise<void> {
		let failure: unknown = new OrchestraError('connection_lost', 'the stream of terminal sessions has ended');
		try {
			for await (const output of this.service.stream({} as JsonObject, this.#inputs(), {
				...this.options,
				signal: this.#abort.signal,
			})) {
				this.#take(output);
			}
		} catch (error) {
			failure = error;
		}
		this.#running = undefined;
		this.#outbox.length = 0;
		for (const attachment of this.#attachments.values()) attachment.fail(failure);
		this.#attachments.clear();
	}

	#take(output: ExecOutput): void {
		if (output.event === 'ready') return;
		const attachment = this.#attachments.get(output.viewer);
		attachment?.take(output);
		if (['close', 'refused', 'detached'].includes(output.event)) this.#attachments.delete(output.viewer);
	}
}
