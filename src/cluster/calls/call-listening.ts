import type { Heard, NatsLink } from '../nats/nats-link.ts';
import { majorOf, type Subjects } from '../nats/subjects.ts';
import type { CataloguePlugin } from '../registry/records.ts';
import type { IncomingCalls } from './incoming-calls.ts';
import type { OutgoingCalls } from './outgoing-calls.ts';

/** Needs of {@link CallListening}. */
export interface ListeningOptions {
	readonly link: NatsLink;
	readonly subjects: Subjects;
	readonly node: string;
	readonly instance: string;
	readonly calls: OutgoingCalls;
	readonly served: IncomingCalls;
}

/** Milliseconds for an answer to a ping. */
const pingMs = 1_000;

/** Subscriptions of a node for calls: of what it runs, of what is meant for it alone, and for the further messages of both. */
export class CallListening {
	readonly #options: ListeningOptions;
	/** Ends of the subscriptions for what is meant for this node. */
	readonly #named: (() => void)[] = [];
	/** Ends of the subscriptions for calls, by plugin and major version. */
	readonly #heard = new Map<string, () => void>();

	constructor(options: ListeningOptions) {
		this.#options = options;
		const { link, subjects, node, calls, served } = options;
		// This one is listened to from the beginning: other nodes are asked what they have before this one has its name. Nobody else knows the ids.
		link.subscribe(subjects.streamsOf(node), (message) => {
			const id = message.subject.slice(message.subject.lastIndexOf('.') + 1);
			if (calls.has(id)) calls.heard(id, message);
			else served.heard(id, message);
		});
	}

	/** Hears calls of those plugins that run, and of no others. */
	hear(plugins: readonly CataloguePlugin[]): void {
		const { link, subjects, served } = this.#options;
		const wanted = new Map<string, string>();
		for (const { id, version, state } of plugins) {
			if (state !== 'running') continue;
			const { queue, subject } = subjects.calls(id, majorOf(version));
			wanted.set(queue, subject);
		}
		for (const [queue, end] of this.#heard) {
			if (wanted.has(queue)) continue;
			end();
			this.#heard.delete(queue);
		}
		for (const [queue, subject] of wanted) {
			if (this.#heard.has(queue)) continue;
			this.#heard.set(
				queue,
				link.subscribe(subject, (message) => served.begin(message), queue),
			);
		}
	}

	/** Hears what is meant for this node, while the name is its own: another of that name may be there. */
	named(isOwn: boolean): void {
		for (const end of this.#named.splice(0)) end();
		if (!isOwn) return;
		const { link, subjects, node, served } = this.#options;
		this.#named.push(
			link.subscribe(subjects.callsOf(node), (message) => served.begin(message)),
			link.subscribe(subjects.controlOf(node), (message) => this.#control(message)),
		);
	}

	/** Whether somebody goes by the name of this node. Its own subscription does not hear what it publishes. */
	async ping(): Promise<'alive' | 'gone' | 'unknown'> {
		const { link, subjects, node } = this.#options;
		try {
			const subject = subjects.control(node, node);
			await link.connection.request(subject, encoder.encode('ping'), { timeout: pingMs });
			return 'alive';
		} catch (error) {
			const { name, message } = error as Error;
			return /no ?responders/i.test(`${name} ${message}`) ? 'gone' : 'unknown';
		}
	}

	#control({ reply, status, subject, data }: Heard): void {
		const { link, subjects, node, instance } = this.#options;
		if (!reply || status !== 0 || subjects.readControl(subject) === undefined) return;
		if (new TextDecoder().decode(data) !== 'ping') return;
		try {
			link.publish(reply, encoder.encode(JSON.stringify({ node, instance })));
		} catch {
			// Whoever asked has a time for it.
		}
	}
}

const encoder = new TextEncoder();
