import type { LogEntry } from '../runtime/plugin/definition/log.ts';
import type { OrchestraError } from '../runtime/wire/orchestra-error.ts';

/** Log of what is wrong with a cluster: each fault once, until it is another. */
export class ProblemLog {
	readonly #onLog: (entry: LogEntry) => void;
	readonly #connected: () => boolean;
	#last = '';
	/** Whether that NATS is away was the last to be said. */
	#saidAway = false;
	#closed = false;

	/** @param connected whether NATS can be reached */
	constructor(onLog: (entry: LogEntry) => void, connected: () => boolean) {
		this.#onLog = onLog;
		this.#connected = connected;
	}

	tell({ code, message, hint }: OrchestraError): void {
		if (this.#closed || message === this.#last) return;
		const away = !this.#connected();
		// Said by then, by the way to NATS.
		if (code === 'cluster_unavailable' && away && this.#saidAway) return;
		this.#saidAway = away;
		this.#last = message;
		this.#onLog({
			level: 'warn',
			plugin: 'orchestrator',
			message: hint ? `${message}. ${hint}` : message,
		});
	}

	/** Says that all is well where the log says that it was not, or `wasOutside`; what is wrong next is said anew. */
	solved(message: string, wasOutside: boolean): void {
		const isNews = this.#saidAway || wasOutside;
		this.#saidAway = false;
		this.#last = '';
		if (isNews && !this.#closed) this.#onLog({ level: 'info', plugin: 'orchestrator', message });
	}

	/** Says nothing more. */
	close(): void {
		this.#closed = true;
	}
}
