import type { EventStream, ReceivedEvent } from '../../runtime/client/event-stream.ts';
import type { PluginClient } from '../../runtime/client/plugin-client.ts';

/** Events that are kept of each topic, and topics. */
const keptEvents = 20;
const maxTopics = 256;

const prefix = 'orchestra://events/';

/** The URI of a topic. */
export function topicUri(topic: string): string {
	return prefix + encodeURIComponent(topic);
}

/** The topic of a URI; undefined where it is none of ours. */
export function topicOf(uri: string): string | undefined {
	if (!uri.startsWith(prefix)) return undefined;
	try {
		return decodeURIComponent(uri.slice(prefix.length));
	} catch {
		return undefined;
	}
}

/**
 * The last events of the topics that plugins say they publish, for clients that ask. It hears nothing before somebody has asked for
 * the first time.
 */
export class EventLog {
	readonly #client: PluginClient;
	readonly #onEvent: (uri: string) => void;
	readonly #kept = new Map<string, ReceivedEvent[]>();
	readonly #streams = new Map<string, { readonly stream: EventStream; readonly ready: Promise<void> }>();
	#closed = false;

	constructor(client: PluginClient, onEvent: (uri: string) => void) {
		this.#client = client;
		this.#onEvent = onEvent;
	}

	/** Whether any plugin says that it publishes something. */
	async any(signal?: AbortSignal): Promise<boolean> {
		const described = await this.#client.describe({ signal });
		return (described?.plugins ?? []).some(({ providesEvents = [] }) => providesEvents.length > 0);
	}

	/** The topics of plugins that run, and what is known of others; each is heard from now on. */
	async topics(signal?: AbortSignal): Promise<string[]> {
		const described = await this.#client.describe({ signal });
		const declared = (described?.plugins ?? []).flatMap(({ providesEvents = [] }) => providesEvents);
		await Promise.all([...new Set(declared)].slice(0, maxTopics).map((topic) => this.#hear(topic)));
		return [...new Set([...declared.filter((topic) => !topic.includes('*')), ...this.#kept.keys()])].sort();
	}

	/** The last events of a topic, the oldest first; undefined where no plugin has such a topic. */
	async read(topic: string, signal: AbortSignal): Promise<readonly ReceivedEvent[] | undefined> {
		const topics = await this.topics(signal);
		return topics.includes(topic) ? (this.#kept.get(topic) ?? []) : undefined;
	}

	async close(): Promise<void> {
		this.#closed = true;
		await Promise.all([...this.#streams.values()].map(({ stream }) => stream.return()));
	}

	#hear(topic: string): Promise<void> {
		let heard = this.#streams.get(topic);
		if (!heard) {
			const stream = this.#client.events(topic, { replay: keptEvents });
			heard = { stream, ready: stream.ready().catch(() => {}) };
			this.#streams.set(topic, heard);
			void this.#follow(topic, stream);
		}
		return heard.ready;
	}

	async #follow(topic: string, stream: EventStream): Promise<void> {
		try {
			for await (const event of stream) this.#keep(event);
		} catch {
			// A topic that may not be heard, or is none, has no events. It is tried again when somebody asks.
		}
		if (!this.#closed) this.#streams.delete(topic);
	}

	#keep(event: ReceivedEvent): void {
		let events = this.#kept.get(event.topic);
		if (!events) {
			if (this.#kept.size >= maxTopics) return;
			events = [];
			this.#kept.set(event.topic, events);
		}
		events.push(event);
		if (events.length > keptEvents) events.shift();
		this.#onEvent(topicUri(event.topic));
	}
}
