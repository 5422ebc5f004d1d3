/** When what happened to one exchange, on the clock of performance.now(). What did not happen, or is not known, is absent. */
export interface ExchangeTiming {
	/** It was opened. */
	openedAt?: number;
	/** Its request left: what was before that is waiting, for the connection or for the peer to allow one more. */
	sentAt?: number;
	/** The last response came. */
	answeredAt?: number;
	/**
	 * Milliseconds from the receipt of the request to the last response, as the peer says: what is left is the way there and
	 * back. A core peer does not say.
	 */
	handlerMs?: number;
}

/** Durations of the parts of an exchange, in milliseconds. */
export interface ExchangePhases {
	readonly queueMs: number;
	/** The way there and back; where {@link handlerMs} is absent it is in here too. */
	readonly wireMs: number;
	readonly handlerMs?: number;
}

/** Begins to measure an exchange; what was measured before is forgotten. */
export function beginTiming(timing: ExchangeTiming): void {
	timing.openedAt = performance.now();
	delete timing.sentAt;
	delete timing.answeredAt;
	delete timing.handlerMs;
}

/** Notes the last response. */
export function noteAnswer(timing: ExchangeTiming, handlerMs: number | undefined): void {
	timing.answeredAt = performance.now();
	// The peer's word: it may be anything.
	if (handlerMs !== undefined && handlerMs >= 0 && Number.isFinite(handlerMs)) timing.handlerMs = handlerMs;
}

/** Durations of the parts; undefined for an exchange that no answer ended. */
export function phasesOf(timing: ExchangeTiming): ExchangePhases | undefined {
	const { openedAt, sentAt, answeredAt } = timing;
	if (openedAt === undefined || sentAt === undefined || answeredAt === undefined) return undefined;
	const awayMs = answeredAt - sentAt;
	const queueMs = sentAt - openedAt;
	if (timing.handlerMs === undefined) return { queueMs, wireMs: awayMs };
	// Two clocks: the peer's part cannot be more than the whole.
	const handlerMs = Math.min(timing.handlerMs, awayMs);
	return { queueMs, wireMs: awayMs - handlerMs, handlerMs };
}
