import type { Connection, ExchangeHandler } from '../carrier/carrier.ts';
import type { JsonObject } from '../wire/json-value.ts';

/** A plugin that runs, as sessions see it. */
export interface SessionPeer {
	/** Name of the plugin in routes and rules. */
	readonly id: string;
	/** Another one after each start. */
	readonly connection: Connection;
}

/** Services that sessions need of whoever hosts the plugins. */
export interface SessionRuntime {
	/** The plugins that run, in the order in which they were added. */
	peers(): readonly SessionPeer[];
	/** One of these; undefined where it does not run. */
	peer(id: string): SessionPeer | undefined;
	/** Whether a caller is a plugin that is hosted here, and answers a call of a session now. */
	answers(caller: string, session: string): boolean;
	/** Serves a call without asking the sessions again. */
	readonly route: ExchangeHandler;
	/** Adds an interceptor. @returns what removes it */
	intercept(interceptor: (exchange: Parameters<ExchangeHandler>[0], next: () => void) => void): () => void;
	publish(plugin: string, topic: string, payload: JsonObject | undefined, traceParent?: string): void;
	warn(plugin: string, message: string): void;
}

/** The time, for idle sessions. */
export interface SessionClock {
	/** Milliseconds. */
	now(): number;
	/** Calls back again and again. @returns what ends it */
	every(ms: number, run: () => void): () => void;
}

/** The clock of this process. Its timer keeps nothing alive. */
export const systemClock: SessionClock = {
	now: () => Date.now(),
	every(ms, run) {
		const timer = setInterval(run, ms);
		timer.unref?.();
		return () => clearInterval(timer);
	},
};
