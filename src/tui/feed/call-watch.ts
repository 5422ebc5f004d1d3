import type {
	CallEvent,
	CallPayload,
	KeptValue,
	ObservedCall,
} from '../../runtime/orchestrator/administration/call-events.ts';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import type { CallFacts, CallState, FeedMessage, ToldJson } from './feed-message.ts';
import type { OwnCalls } from './own-calls.ts';

/** Services that a watch of calls needs from around it. */
export interface CallWatchOptions {
	/** Prefix of its ids: a server that was started again counts anew. */
	readonly prefix: string;
	/** Calls that are told otherwise, with more. */
	readonly own: OwnCalls;
	readonly tell: (message: FeedMessage) => void;
	/** Asks for the arguments and the result of a call, by the server's id. */
	readonly ask: (id: string) => Promise<CallPayload>;
}

const states: Readonly<Record<string, CallState>> = { ok: 'ok', error: 'failed', cancelled: 'cancelled' };

/** Watches the calls of others, as a server tells of them. */
export class CallWatch {
	readonly #options: CallWatchOptions;
	/** Calls of our own, by the server's ids, until they end. */
	readonly #skipped = new Set<string>();
	#looked: string | undefined;

	constructor(options: CallWatchOptions) {
		this.#options = options;
	}

	take(event: Exclude<CallEvent, { kind: 'missed' }>): void {
		const { tell } = this.#options;
		switch (event.kind) {
			case 'calls':
				tell({
					kind: 'calls_under_way',
					calls: event.calls.filter((call) => !this.#isOwn(call)).map((call) => this.#factsOf(call)),
				});
				return;
			case 'call_started':
				if (!this.#isOwn(event.call)) tell({ kind: 'call', call: this.#factsOf(event.call) });
				return;
			case 'call_progress':
				if (!this.#skipped.has(event.id)) this.#change(event.id, { chunks: event.chunks });
				return;
			case 'call_ended':
				if (!this.#skipped.delete(event.id)) this.#end(event);
		}
	}

	/** Tells arguments and result of a call, now and when it ends; undefined ends that. */
	look(call: string | undefined): void {
		const id = call === undefined ? undefined : this.idOf(call);
		this.#looked = id;
		if (id !== undefined) this.#ask(id);
	}

	/** The server's id of a call; undefined where it is not one of this watch. */
	idOf(call: string): string | undefined {
		const { prefix } = this.#options;
		return call.startsWith(prefix) ? call.slice(prefix.length) : undefined;
	}

	#end({ id, latencyMs, outcome, code, message, chunks }: CallEvent & { kind: 'call_ended' }): void {
		const state = states[outcome] ?? 'ended';
		const change: Partial<CallFacts> = {
			state,
			latencyMs,
			...(chunks > 0 ? { chunks } : {}),
			...(code ? { error: { code, message } } : {}),
		};
		this.#change(id, change);
		if (id === this.#looked) this.#ask(id);
	}

	#ask(id: string): void {
		this.#options.ask(id).then(
			({ arguments: args, result }) =>
				this.#change(id, {
					...(args ? { arguments: told(args) } : {}),
					...(result ? { result: told(result) } : {}),
				}),
			// It is gone from what is kept, or the connection is: the call stays as it is known.
			() => {},
		);
	}

	#change(id: string, change: Partial<CallFacts>): void {
		this.#options.tell({ kind: 'call_changed', id: this.#options.prefix + id, change });
	}

	#factsOf({ id, plugin, name, caller, startedAt }: ObservedCall): CallFacts {
		return { id: this.#options.prefix + id, plugin, name, caller, startedAt, state: 'running' };
	}

	#isOwn({ id, traceParent }: ObservedCall): boolean {
		const own = traceParent !== '' && this.#options.own.has(traceParent);
		if (own) this.#skipped.add(id);
		return own;
	}
}

function told({ text, truncated }: KeptValue): ToldJson {
	if (truncated) return text;
	try {
		return JSON.parse(text) as JsonObject;
	} catch {
		return text;
	}
}
