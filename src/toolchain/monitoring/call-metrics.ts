import type { IncomingExchange } from '../../runtime/carrier/incoming-exchange.ts';
import type { PluginSlot } from '../../runtime/hosting/plugin-slot.ts';
import type { CallObserver } from '../../runtime/orchestrator/call-observer.ts';
import { failureOf, kindOf, subjectOf } from '../../runtime/wire/call-facts.ts';
import type { Metric, Sample } from './prometheus-text.ts';

/** Upper ends of the buckets of a histogram, in seconds. */
const bucketEnds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

/** Combinations of labels that are kept: names and codes are chosen by plugins and peers. */
const maxSeries = 1_000;

/** Characters of a label's value. */
const maxLabel = 128;

/** Durations of a plugin's calls. */
interface Durations {
	readonly labels: Readonly<Record<string, string>>;
	/** One for each bucket, and one for what is beyond. */
	readonly counts: number[];
	count: number;
	sum: number;
}

/** Counts the calls that an orchestrator sees go by. What it keeps is bounded. */
export class CallMetrics implements CallObserver {
	/** Plugin to which each call went that has not ended. */
	readonly #routed = new Map<IncomingExchange, string>();
	readonly #inFlight = new Map<string, number>();
	readonly #calls = new Series();
	readonly #refused = new Series();
	readonly #durations = new Map<string, Durations>();

	arrived(exchange: IncomingExchange): void {
		const kind = kindOf(exchange.request);
		if (kind === undefined) return;
		const since = performance.now();
		exchange.onEnd((response) => {
			const code = failureOf(response).code || 'ok';
			const plugin = this.#routed.get(exchange);
			if (plugin === undefined) {
				// Answers of the orchestrator itself are no calls to a plugin.
				if (code !== 'ok') this.#refused.add({ code }, { code: 'other' });
				return;
			}
			this.#routed.delete(exchange);
			this.#inFlight.set(plugin, (this.#inFlight.get(plugin) ?? 1) - 1);
			// A path is no name: there may be any number.
			const name = kind === 'storage' ? '' : subjectOf(exchange.request);
			this.#calls.add({ plugin, kind, name, code }, { plugin, kind, name: 'other', code: 'other' });
			this.#note(plugin, kind, (performance.now() - since) / 1000);
		});
	}

	routed(exchange: IncomingExchange, { id }: PluginSlot): void {
		if (this.#routed.has(exchange) || exchange.finished || kindOf(exchange.request) === undefined) return;
		this.#routed.set(exchange, id);
		this.#inFlight.set(id, (this.#inFlight.get(id) ?? 0) + 1);
	}

	/** Metrics of what was counted so far. */
	metrics(): Metric[] {
		const durations = [...this.#durations.values()];
		return [
			{
				name: 'orchestra_calls_total',
				help: 'Calls to plugins that ended.',
				type: 'counter',
				samples: this.#calls.samples,
			},
			{
				name: 'orchestra_call_duration_seconds',
				help: 'From the arrival of a request to its last answer.',
				type: 'histogram',
				samples: durations.flatMap(histogramSamples),
			},
			{
				name: 'orchestra_calls_in_flight',
				help: 'Calls to plugins that have not ended.',
				type: 'gauge',
				samples: [...this.#inFlight].map(([plugin, value]) => ({ labels: { plugin }, value })),
			},
			{
				name: 'orchestra_refused_total',
				help: 'Requests that reached no plugin.',
				type: 'counter',
				samples: this.#refused.samples,
			},
		];
	}

	#note(plugin: string, kind: string, seconds: number): void {
		const key = JSON.stringify([plugin, kind]);
		let durations = this.#durations.get(key);
		if (!durations) {
			// There are no more of them than slots and kinds: an operator chooses the slots.
			durations = {
				labels: { plugin, kind },
				counts: Array(bucketEnds.length + 1).fill(0),
				count: 0,
				sum: 0,
			};
			this.#durations.set(key, durations);
		}
		const found = bucketEnds.findIndex((end) => seconds <= end);
		const bucket = found < 0 ? bucketEnds.length : found;
		durations.counts[bucket] = (durations.counts[bucket] ?? 0) + 1;
		durations.count++;
		durations.sum += seconds;
	}
}

/** Counters by their labels. */
class Series {
	readonly #counts = new Map<string, { readonly labels: Readonly<Record<string, string>>; value: number }>();

	/** @param others the labels under which it is counted where there are too many already */
	add(labels: Readonly<Record<string, string>>, others: Readonly<Record<string, string>>): void {
		const short = shortened(labels);
		const key = JSON.stringify(short);
		const known = this.#counts.get(key);
		if (known) known.value++;
		else if (this.#counts.size < maxSeries || labels === others)
			this.#counts.set(key, { labels: short, value: 1 });
		else this.add(others, others);
	}

	get samples(): Sample[] {
		return [...this.#counts.values()].map(({ labels, value }) => ({ labels, value }));
	}
}

function shortened(labels: Readonly<Record<string, string>>): Record<string, string> {
	return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, value.slice(0, maxLabel)]));
}

function histogramSamples({ labels, counts, count, sum }: Durations): Sample[] {
	let below = 0;
	const buckets = bucketEnds.map((end, i) => {
		below += counts[i] ?? 0;
		return { suffix: '_bucket', labels: { ...labels, le: String(end) }, value: below };
	});
	return [
		...buckets,
		{ suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: count },
		{ suffix: '_sum', labels, value: sum },
		{ suffix: '_count', labels, value: count },
	];
}
