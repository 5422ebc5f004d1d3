import type { IncomingExchange } from '../carrier/incoming-exchange.ts';
import type { PluginSlot } from '../hosting/plugin-slot.ts';
import { subjectOf } from '../wire/call-facts.ts';

/** A call that a plugin has not ended. */
export interface CallUnderWay {
	readonly plugin: string;
	/** A tool, prompt, path or method; empty where there is nothing. */
	readonly name: string;
	/** Caller, as far as it is known. */
	readonly caller: string;
	/** Milliseconds since the plugin got it. */
	readonly ageMs: number;
	readonly exchange: IncomingExchange;
}

/** The calls that the plugins of some slots have not ended. */
export function callsUnderWay(slots: readonly PluginSlot[]): CallUnderWay[] {
	return slots.flatMap((slot) =>
		slot.underWay().map(({ exchange, since }) => ({
			plugin: slot.id,
			exchange,
			ageMs: Math.round(performance.now() - since),
			name: subjectOf(exchange.request),
			caller: callerOf(exchange),
		})),
	);
}

/** Caller of an exchange, as far as it is known. */
export function callerOf({ request, peer }: IncomingExchange): string {
	const call = request.toolCall ?? request.streamStart;
	return call?.callerPlugin || request.serviceCall?.caller || peer.name;
}
