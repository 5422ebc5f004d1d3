import type { LogEntry } from '../../runtime/plugin/definition/log.ts';
import { traceIdOf } from '../../runtime/wire/trace-parent.ts';

/** A call whose lines somebody hears. */
interface Followed {
	readonly traceParent: string;
	readonly tool: string;
	readonly listener: (entry: LogEntry) => void;
}

/** Finds the call that a log line of a plugin belongs to, by its trace. */
export class CallLogs {
	/** By the id of their trace: a client may make several calls in one. */
	readonly #byTrace = new Map<string, Set<Followed>>();

	log(entry: LogEntry): void {
		// A failure is told by the answer of the call: a stack is not for its caller.
		if (entry.traceParent === undefined || entry.code !== undefined) return;
		const followed = this.#byTrace.get(traceIdOf(entry.traceParent));
		if (followed) ownerOf(entry, [...followed])?.listener(entry);
	}

	/** Passes on the lines of one call of a tool, and of those that it leads to. @returns a function that ends it */
	follow(traceParent: string, tool: string, listener: (entry: LogEntry) => void): () => void {
		const trace = traceIdOf(traceParent);
		const followed: Followed = { traceParent, tool, listener };
		const others = this.#byTrace.get(trace) ?? new Set();
		this.#byTrace.set(trace, others.add(followed));
		return () => {
			others.delete(followed);
			if (others.size === 0 && this.#byTrace.get(trace) === others) this.#byTrace.delete(trace);
		};
	}
}

/** The call that a line belongs to; undefined where it may be any of several: one client's lines are not another's. */
function ownerOf(entry: LogEntry, followed: readonly Followed[]): Followed | undefined {
	if (followed.length === 1) return followed[0];
	const exact = followed.find(({ traceParent }) => traceParent === entry.traceParent);
	const named = followed.filter(({ tool }) => tool === entry.tool);
	return exact ?? (named.length === 1 ? named[0] : undefined);
}
