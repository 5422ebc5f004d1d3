import {
	type EventBatch,
	type EventItem,
	eventsService,
	type SubscribeArguments,
} from '../client/event-batch.ts';
import type { JsonObject } from '../wire/json-value.ts';
import { defineService, serverStream, unary } from './service-definition.ts';

/** An event that a client publishes. Its source is the name on the client's certificate. */
export interface PublishArguments {
	readonly topic: string;
	readonly eventType?: string;
	readonly payload?: JsonObject;
}

/**
 * The events of an orchestrator, for its clients. A subscription lives as long as its stream; a client that is behind misses events
 * and is told how many, and delays nobody.
 */
export const eventsServiceDefinition = defineService(eventsService.name, eventsService.version, {
	/** Fails with `invalid_topic`, `invalid_arguments`, `overloaded`; ends with `shutting_down` when the orchestrator stops. */
	subscribe: serverStream<SubscribeArguments, EventBatch>(),
	/** Answers with the event as the bus took it. Fails with `invalid_topic`, `event_too_large`, `invalid_arguments`. */
	publish: unary<PublishArguments, EventItem>(),
});
