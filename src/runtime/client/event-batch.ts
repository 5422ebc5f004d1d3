import { isObject, type JsonObject } from '../wire/json-value.ts';
import { type Asked, invalidResponse } from './response-error.ts';

/** Name and version of the service that clients read events from. It is defined here because a client has a method for it. */
export const eventsService = { name: 'orchestra.events', version: 1 } as const;

/** Arguments of a client's subscription. */
export interface SubscribeArguments {
	/** Topics, or patterns of topics; up to 64. */
	readonly topics: readonly string[];
	/** String fields that the payload must have with these values; up to 64. */
	readonly filters?: Readonly<Record<string, string>>;
	/** Events of each topic's past to begin with, up to 1,000. The server may have kept fewer. */
	readonly replay?: number;
}

/** An event as it is sent to a client. */
export interface EventItem {
	readonly id: string;
	/** When the bus took it, in milliseconds since 1970. */
	readonly time: number;
	readonly topic: string;
	readonly eventType: string;
	/** Left out where the publisher gave none. */
	readonly payload?: JsonObject;
	readonly source: string;
	/** Events before this one that this client was not sent, because it was behind; left out for 0. */
	readonly missed?: number;
	/** W3C trace context of what published it; left out for none. */
	readonly traceParent?: string;
}

/** One item of the stream: events, in order. The first batch is empty, and says that the subscription stands. */
export interface EventBatch {
	readonly events: readonly EventItem[];
}

/** Reads a batch that a peer sent. @throws OrchestraError `invalid_response` */
export function readEventBatch(data: Uint8Array, asked: Asked): readonly EventItem[] {
	const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
	let batch: Partial<EventBatch> | null;
	try {
		batch = JSON.parse(bytes.toString('utf8'));
	} catch {
		batch = null;
	}
	const events = batch?.events;
	if (Array.isArray(events) && events.every(isEventItem)) return events;
	throw invalidResponse(asked, `${asked.peer} sent what is no batch of events`);
}

function isEventItem(value: unknown): value is EventItem {
	if (typeof value !== 'object' || value === null) return false;
	const { id, time, topic, eventType, payload, source, missed, traceParent } = value as Record<
		string,
		unknown
	>;
	return (
		typeof id === 'string' &&
		Number.isFinite(time) &&
		typeof topic === 'string' &&
		typeof eventType === 'string' &&
		typeof source === 'string' &&
		(payload === undefined || isObject(payload)) &&
		(missed === undefined || Number.isSafeInteger(missed)) &&
		(traceParent === undefined || typeof traceParent === 'string')
	);
}
