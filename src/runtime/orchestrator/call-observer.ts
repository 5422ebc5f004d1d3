import type { IncomingExchange } from '../carrier/incoming-exchange.ts';
import type { PluginSlot } from '../hosting/plugin-slot.ts';

/** Sees the exchanges of an orchestrator go by, and changes nothing. Its methods must not throw. */
export interface CallObserver {
	/** An exchange has come; nothing has judged or routed it yet. {@link IncomingExchange.onEnd} tells of its end. */
	arrived(exchange: IncomingExchange): void;
	/** The exchange goes to the plugin of that slot. Not called for what the orchestrator answers itself, or refuses. */
	routed(exchange: IncomingExchange, slot: PluginSlot): void;
}
