import { randomUUID } from 'node:crypto';
import type { LogEntry } from '../../runtime/plugin/definition/log.ts';

/** Finds the call that a log line of a plugin belongs to, by its trace. */
export class CallLogs {
	readonly #byTrace = new Map<string, (entry: LogEntry) => void>();

	log(entry: LogEntry): void {
		if (entry.traceParent !== undefined) this.#byTrace.get(entry.traceParent)?.(entry);
	}

	/** Hears the lines of one call. @returns its trace, and what ends it */
	follow(
		traceParent: string | undefined,
		listener: (entry: LogEntry) => void,
	): { traceParent: string; end(): void } {
		const trace = traceParent ?? newTrace();
		this.#byTrace.set(trace, listener);
		return { traceParent: trace, end: () => this.#byTrace.delete(trace) };
	}
}

/** A trace that nobody records. A UUID is made of a stock of random bytes, which costs a tenth of asking the system each time. */
function newTrace(): string {
	const id = randomUUID().replaceAll('-', '');
	return `00-${id}-${id.slice(16)}-00`;
}
