import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import type { PluginSlot } from '../../hosting/plugin-slot.ts';
import { failureOf, kindOf, subjectOf } from '../../wire/call-facts.ts';
import type { PluginResponse } from '../../wire/generated/messages.ts';
import { traceParentOf } from '../../wire/trace-parent.ts';
import type { CallObserver } from '../call-observer.ts';
import type { Orchestrator } from '../orchestrator.ts';
import { callerOf } from '../under-way.ts';
import type { CallEvent, CallOutcome, CallPayload, ObservedCall } from './call-events.ts';
import type { CallIds } from './call-ids.ts';
import { CallPayloads, secretsAmong } from './call-payloads.ts';
import { withoutSecrets } from './masked-text.ts';

/** Characters of a name that a peer chose. */
const maxName = 256;

/** Characters of the message of an error. */
const maxMessage = 1024;

/** Milliseconds between two looks at the streams under way. */
const progressEveryMs = 1_000;

/** A follower of calls. */
export interface CallFollower {
	/** Whether arguments and results are kept for it. */
	readonly payloads: boolean;
	/** Must not throw. */
	tell(event: CallEvent): void;
}

/** A call that has not ended. */
interface Observed {
	/** On the clock of performance.now(). */
	readonly since: number;
	/** Event that was told of it; undefined where none was yet. */
	call: ObservedCall | undefined;
	slot: PluginSlot | undefined;
	chunks: number;
}

/** Tells followers of the calls of an orchestrator. It observes them, and keeps arguments and results, only while somebody follows. */
export class CallFeed implements CallObserver {
	readonly #orchestrator: Orchestrator;
	readonly #ids: CallIds;
	readonly #followers = new Set<CallFollower>();
	readonly #observed = new Map<IncomingExchange, Observed>();
	readonly #payloads = new CallPayloads();
	#keeping = false;
	#stop: (() => void) | undefined;

	constructor(orchestrator: Orchestrator, ids: CallIds) {
		this.#orchestrator = orchestrator;
		this.#ids = ids;
	}

	/** @returns what ends it */
	follow(follower: CallFollower): () => void {
		this.#followers.add(follower);
		if (!this.#stop) this.#begin();
		this.#keeping ||= follower.payloads;
		return () => {
			this.#followers.delete(follower);
			this.#keeping = [...this.#followers].some(({ payloads }) => payloads);
			if (!this.#keeping) this.#payloads.clear();
			if (this.#followers.size > 0) return;
			this.#stop?.();
			this.#stop = undefined;
			this.#observed.clear();
		};
	}

	/** The calls that were told and have not ended. */
	get calls(): readonly ObservedCall[] {
		return [...this.#observed.values()].flatMap(({ call }) => call ?? []);
	}

	payload(id: string): CallPayload {
		return this.#payloads.get(id);
	}

	arrived(exchange: IncomingExchange): void {
		if (kindOf(exchange.request)) this.#observe(exchange, performance.now());
	}

	routed(exchange: IncomingExchange, slot: PluginSlot): void {
		const observed = this.#observed.get(exchange);
		if (!observed || observed.call) return;
		const { request } = exchange;
		observed.slot = slot;
		observed.call = this.#describe(exchange, slot.id, observed.since);
		if (this.#keeping) this.#payloads.begin(observed.call.id, request, slot);
		this.#tell({ kind: 'call_started', call: observed.call });
	}

	#begin(): void {
		const end = this.#orchestrator.observeCalls(this);
		const timer = setInterval(() => this.#tellProgress(), progressEveryMs);
		timer.unref();
		this.#stop = () => {
			clearInterval(timer);
			end();
		};
		for (const { exchange, plugin, ageMs } of this.#orchestrator.callsUnderWay) {
			if (!kindOf(exchange.request)) continue;
			const observed = this.#observe(exchange, performance.now() - ageMs);
			observed.slot = this.#orchestrator.slot(plugin);
			observed.call = this.#describe(exchange, plugin, observed.since);
			observed.chunks = exchange.chunks;
		}
	}

	#observe(exchange: IncomingExchange, since: number): Observed {
		const observed: Observed = { since, call: undefined, slot: undefined, chunks: 0 };
		this.#observed.set(exchange, observed);
		exchange.onEnd((response) => this.#ended(exchange, response));
		return observed;
	}

	#ended(exchange: IncomingExchange, response: PluginResponse): void {
		const observed = this.#observed.get(exchange);
		// Nobody followed meanwhile.
		if (!observed) return;
		this.#observed.delete(exchange);
		const { request, cancelled, chunks } = exchange;
		if (!observed.call) {
			// The orchestrator's own services are no calls of a plugin.
			if (request.serviceCall && !request.serviceCall.plugin) return;
			observed.call = this.#describe(exchange, '', observed.since);
			this.#tell({ kind: 'call_started', call: observed.call });
		}
		const { id } = observed.call;
		const { code, message } = failureOf(response);
		const { slot } = observed;
		const secrets = message && slot ? secretsAmong(request, slot) : [];
		if (this.#keeping) this.#payloads.end(id, response);
		this.#tell({
			kind: 'call_ended',
			id,
			endedAt: Date.now(),
			latencyMs: Math.round((performance.now() - observed.since) * 1000) / 1000,
			outcome: outcomeOf(code, cancelled?.code),
			code: code || (cancelled?.code ?? ''),
			message: withoutSecrets(message, secrets).slice(0, maxMessage),
			chunks,
		});
	}

	#describe(exchange: IncomingExchange, plugin: string, since: number): ObservedCall {
		const { request } = exchange;
		const { toolCall, streamStart } = request;
		return {
			id: this.#ids.of(exchange),
			call: kindOf(request) ?? 'service',
			name: subjectOf(request).slice(0, maxName),
			plugin: plugin.slice(0, maxName),
			provider: ((toolCall ?? streamStart)?.provider ?? '').slice(0, maxName),
			caller: callerOf(exchange).slice(0, maxName),
			traceParent: traceParentOf(request).slice(0, maxName),
			startedAt: Math.round(Date.now() - (performance.now() - since)),
		};
	}

	#tellProgress(): void {
		for (const [{ chunks }, observed] of this.#observed) {
			if (!observed.call || chunks === observed.chunks) continue;
			observed.chunks = chunks;
			this.#tell({ kind: 'call_progress', id: observed.call.id, chunks });
		}
	}

	#tell(event: CallEvent): void {
		for (const follower of this.#followers) follower.tell(event);
	}
}

function outcomeOf(code: string, cancelled: string | undefined): CallOutcome {
	if (cancelled === 'cancelled' || cancelled === 'connection_lost' || code === 'cancelled')
		return 'cancelled';
	return code || cancelled ? 'error' : 'ok';
}
