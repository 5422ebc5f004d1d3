import type { ConnectionSetup } from '../../runtime/carrier/carrier.ts';
import { type ExchangeTiming, phasesOf } from '../../runtime/carrier/exchange-timing.ts';

/** Durations of the parts of a call, in milliseconds; a part that did not happen, or is not known, is absent. */
export interface CallTime {
	/** Until the transport stood. Once a connection; absent in process. */
	readonly connectMs?: number;
	/** The handshake that follows. */
	readonly tlsMs?: number;
	/** Time that the request waited before it was sent. */
	readonly queueMs?: number;
	/** There and back; with the handler's time in it where {@link handlerMs} is absent. */
	readonly wireMs?: number;
	/** Time from the receipt of the request to the last response. A core peer does not say. */
	readonly handlerMs?: number;
}

/** Durations of the parts of one call over a connection. */
export function callTime(setup: ConnectionSetup | undefined, timing: ExchangeTiming): CallTime {
	const parts = { ...setup, ...phasesOf(timing) };
	return Object.fromEntries(Object.entries(parts).map(([name, ms]) => [name, Math.round(ms * 1000) / 1000]));
}
