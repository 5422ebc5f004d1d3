import type { ExecInput, ExecOutput } from '../services/exec-service.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { ExecCaller, ExecManager } from './exec-manager.ts';
import { StreamViewer } from './stream-viewer.ts';

/** Attachments of one client, at most. */
const maxViewers = 256;

/**
 * Sessions that one client watches, over one exchange. Each attachment has credit of its own for output and a bound of its own for input, so
 * that none waits for another; their turns go round.
 */
export class StreamOfSessions {
	readonly #manager: ExecManager;
	readonly #by: ExecCaller;
	readonly #viewers = new Map<number, StreamViewer>();
	/** Those that have something to say, in turn. */
	readonly #ready = new Set<StreamViewer>();
	#ended = false;
	#failure: OrchestraError | undefined;
	#wake: (() => void) | undefined;

	constructor(manager: ExecManager, by: ExecCaller) {
		this.#manager = manager;
		this.#by = by;
	}

	/** Takes a message of the client. Never waits. @throws OrchestraError `malformed_message` */
	take(message: ExecInput): void {
		if (this.#ended) return;
		const { op, viewer: number } = message;
		if (!Number.isSafeInteger(number)) throw malformed('the number of a viewer is missing');
		const viewer = this.#viewers.get(number);
		if (op === 'attach' || op === 'open') {
			if (viewer) throw malformed(`viewer ${number} is attached already`);
			const what = op === 'open' ? message.open : message.session;
			if (typeof what !== (op === 'open' ? 'object' : 'string') || !what) throw malformed(`${op} of nothing`);
			const added = new StreamViewer(number, (ready) => this.#say(ready));
			this.#viewers.set(number, added);
			if (this.#viewers.size > maxViewers) {
				added.refuse(new OrchestraError('overloaded', `more than ${maxViewers} attachments over one stream`));
			} else void added.begin(message, this.#manager, this.#by);
			return;
		}
		// Input for a session that has ended a moment ago is none of its fault.
		if (!viewer) return;
		if (op === 'data') viewer.type(message.data);
		else if (op === 'end') viewer.endInput();
		else if (op === 'credit') viewer.grant(message.bytes);
		else if (op === 'detach') viewer.detach();
		else throw malformed(`${JSON.stringify(op)} is nothing that a session does`);
	}

	/** Reads the outputs for the client, until the end. */
	async *read(): AsyncGenerator<ExecOutput, void> {
		yield { event: 'ready' };
		for (;;) {
			const [next] = this.#ready;
			if (this.#failure) throw this.#failure;
			if (next) {
				this.#ready.delete(next);
				const output = next.next();
				if (next.over) this.#viewers.delete(next.number);
				else if (next.hasMore) this.#ready.add(next);
				if (output) yield output;
			} else if (this.#ended) return;
			else {
				await new Promise<void>((resolve) => {
					this.#wake = resolve;
				});
			}
		}
	}

	/** The client is gone, or sends nothing any more: its sessions go on. */
	end(failure?: OrchestraError): void {
		this.#failure ??= failure;
		if (this.#ended) return;
		this.#ended = true;
		for (const viewer of this.#viewers.values()) viewer.leave();
		this.#viewers.clear();
		this.#ready.clear();
		this.#wake?.();
	}

	#say(viewer: StreamViewer): void {
		if (this.#ended) return;
		this.#ready.add(viewer);
		this.#wake?.();
	}
}

function malformed(message: string): OrchestraError {
	return new OrchestraError('malformed_message', message);
}
