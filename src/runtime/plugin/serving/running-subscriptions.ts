import type { EventHandler, Unsubscribe } from '../definition/context.ts';
import type { RunningSubscribeOptions } from '../definition/subscribe-options.ts';

/** Takes the subscriptions that handlers of a plugin ask for while it runs. */
export interface RunningSubscriptions {
	/** See {@link PluginContext.subscribe}. */
	subscribe(topic: string, options: RunningSubscribeOptions, handler: EventHandler): Promise<Unsubscribe>;
	/** See {@link PluginContext.unsubscribe}. */
	unsubscribe(id: string): Promise<void>;
}
