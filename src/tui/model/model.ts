import { outsideWords } from '../../cli/format-nodes.ts';
import type {
	CallFacts,
	ClusterFacts,
	EventFacts,
	FeedMessage,
	LogFacts,
	PluginFacts,
	ServerFacts,
	SubscriptionFacts,
} from '../feed/feed-message.ts';
import { BoundedList } from './bounded-list.ts';
import { bytesOfJson } from './bytes-of.ts';
import { CallLog } from './call-log.ts';
import { PluginNumbers } from './plugin-numbers.ts';
import { Rate } from './rate.ts';
import type { Numbered, PluginView, Snapshot } from './snapshot.ts';

const eventLimits = { items: 2000, bytes: 4 * 1024 * 1024 };
const logLimits = { items: 2000, bytes: 2 * 1024 * 1024 };

/** Topics whose rates are kept. */
const maxTopics = 500;

/** Facts about a server, from the messages of a feed. Bounded, whatever comes. */
export class Model {
	#link: Snapshot['link'] = { state: 'opening', reason: '' };
	#plugins: PluginFacts[] = [];
	readonly #numbers = new Map<string, PluginNumbers>();
	#server: ServerFacts | undefined;
	#cluster: ClusterFacts | undefined;
	readonly #calls = new CallLog();
	readonly #callRate = new Rate();
	#errors = 0;
	readonly #events = new BoundedList<EventFacts>(eventLimits, bytesOfEvent);
	readonly #eventRate = new Rate();
	#eventCount = 0;
	#eventsMissed = 0;
	readonly #topics = new Map<string, Rate>();
	#subscriptions: readonly SubscriptionFacts[] = [];
	readonly #logs = new BoundedList<LogFacts & Numbered>(logLimits, ({ text }) => 64 + text.length * 2);
	#logCount = 0;
	#missed = 0;
	readonly #problems = new Map<string, string>();

	/** Takes in a message. @param now milliseconds of Date.now() */
	take(message: FeedMessage, now: number): void {
		switch (message.kind) {
			case 'link':
				this.#link = { state: message.state, reason: message.reason ?? '' };
				if (message.state === 'lost') this.#matchCalls([]);
				return;
			case 'plugins':
				this.#plugins = [...message.plugins];
				return;
			case 'plugin':
				this.#putPlugin(message.plugin);
				return;
			case 'plugin_removed':
				this.#plugins = this.#plugins.filter(({ id }) => id !== message.id);
				this.#numbers.delete(message.id);
				return;
			case 'server':
				this.#server = message.server;
				return;
			case 'cluster': {
				this.#cluster = message.cluster;
				const outside = outsideWords(message.cluster);
				if (outside) this.#problems.set('nodes', outside);
				else this.#problems.delete('nodes');
				return;
			}
			case 'call':
				this.#putCall(message.call, now);
				return;
			case 'call_changed': {
				const call = this.#calls.get(message.id);
				if (call) this.#putCall({ ...call, ...message.change }, now);
				return;
			}
			case 'calls_under_way':
				this.#matchCalls(message.calls);
				return;
			case 'events':
				for (const event of message.events) this.#addEvent(event, now);
				return;
			case 'events_missed':
				this.#eventsMissed += message.count;
				return;
			case 'subscriptions':
				this.#subscriptions = message.subscriptions;
				return;
			case 'logs':
				for (const line of message.lines) this.#logs.push({ ...line, number: ++this.#logCount });
				return;
			case 'missed':
				this.#missed += message.count;
				return;
			case 'problem':
				this.#problems.set(message.about, message.message);
		}
	}

	/** A call, whether or not it is in a snapshot that is shown. */
	call(id: string): CallFacts | undefined {
		return this.#calls.get(id);
	}

	snapshot(now: number): Snapshot {
		const calls = this.#calls.toArray();
		const running = new Map<string, number>();
		let callsUnderWay = 0;
		for (const { state, plugin } of calls) {
			if (state !== 'running') continue;
			callsUnderWay++;
			running.set(plugin, (running.get(plugin) ?? 0) + 1);
		}
		return {
			now,
			link: this.#link,
			plugins: this.#plugins.map((plugin) => this.#pluginView(plugin, running.get(plugin.id) ?? 0, now)),
			server: this.#server,
			cluster: this.#cluster,
			calls,
			events: this.#events.toArray(),
			subscriptions: this.#subscriptions,
			logs: this.#logs.toArray(),
			totals: {
				callsUnderWay,
				callsPerSecond: this.#callRate.perSecond(now),
				errors: this.#errors,
				events: this.#eventCount,
				eventsPerSecond: this.#eventRate.perSecond(now),
				eventsMissed: this.#eventsMissed,
				missed: this.#missed,
			},
			topicRates: this.#topicRates(now),
			problems: new Map(this.#problems),
		};
	}

	#pluginView(plugin: PluginFacts, callsUnderWay: number, now: number): PluginView {
		return { ...plugin, ...this.#numbersOf(plugin.id).at(now), callsUnderWay };
	}

	#putPlugin(plugin: PluginFacts): void {
		const index = this.#plugins.findIndex(({ id }) => id === plugin.id);
		if (index < 0) this.#plugins.push(plugin);
		else this.#plugins[index] = plugin;
	}

	#putCall(call: CallFacts, now: number): void {
		const before = this.#calls.get(call.id);
		this.#calls.put(call);
		if (call.state === 'running' || (before && before.state !== 'running')) return;
		const failed = call.state === 'failed';
		this.#callRate.add(now);
		if (failed) this.#errors++;
		if (this.#plugins.some(({ id }) => id === call.plugin))
			this.#numbersOf(call.plugin).count(call.latencyMs, failed, now);
	}

	/** After something was missed, or a connection was lost. */
	#matchCalls(calls: readonly CallFacts[]): void {
		const listed = new Set(calls.map(({ id }) => id));
		for (const call of this.#calls.underWay()) {
			if (call.own || listed.has(call.id)) continue;
			this.#calls.put({ ...call, state: 'ended' });
		}
		for (const call of calls) {
			if (!this.#calls.get(call.id)) this.#calls.put(call);
		}
	}

	#addEvent(event: EventFacts, now: number): void {
		this.#events.push(event);
		this.#eventCount++;
		this.#eventRate.add(now);
		let rate = this.#topics.get(event.topic);
		if (!rate) {
			if (this.#topics.size >= maxTopics) this.#forgetTopics(now);
			rate = new Rate();
			this.#topics.set(event.topic, rate);
		}
		rate.add(now);
	}

	#forgetTopics(now: number): void {
		for (const [topic, rate] of this.#topics) {
			if (rate.perSecond(now) === 0 || this.#topics.size >= maxTopics) this.#topics.delete(topic);
		}
	}

	#topicRates(now: number): Map<string, number> {
		const rates = new Map<string, number>();
		for (const [topic, rate] of this.#topics) {
			const perSecond = rate.perSecond(now);
			if (perSecond > 0) rates.set(topic, perSecond);
		}
		return rates;
	}

	#numbersOf(id: string): PluginNumbers {
		let numbers = this.#numbers.get(id);
		if (!numbers) {
			numbers = new PluginNumbers();
			this.#numbers.set(id, numbers);
		}
		return numbers;
	}
}

function bytesOfEvent({ topic, eventType, source, payload }: EventFacts): number {
	return 256 + (topic.length + eventType.length + source.length) * 2 + bytesOfJson(payload);
}
