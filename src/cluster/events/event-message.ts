import type { BusEvent } from '../../runtime/events/event-bus.ts';
import { isObject } from '../../runtime/wire/json-value.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** An event as a message of NATS; its topic and the node that publishes it are in the subject. */
export function encodeEvent({ topic: _inSubject, replayedFor: _local, ...event }: BusEvent): Uint8Array {
	return encoder.encode(JSON.stringify(event));
}

/** Reads what {@link encodeEvent} wrote; undefined for anything else. */
export function decodeEvent(topic: string, data: Uint8Array): BusEvent | undefined {
	let event: unknown;
	try {
		event = JSON.parse(decoder.decode(data));
	} catch {
		return undefined;
	}
	if (!isObject(event)) return undefined;
	const { id, time, eventType, payload, source, traceParent } = event;
	if (typeof id !== 'string' || typeof time !== 'number' || typeof eventType !== 'string') return undefined;
	if (typeof source !== 'string' || (payload !== undefined && !isObject(payload))) return undefined;
	return {
		id,
		time,
		topic,
		eventType,
		payload,
		source,
		...(typeof traceParent === 'string' ? { traceParent } : {}),
	};
}
