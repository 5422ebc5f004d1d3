import type { FanOutFigures, RegistryFigures } from './scenarios.ts';
import type { Traffic } from './simulated-server.ts';

/** What was simulated, as the tables of docs/scale.md. */
export function scaleReport(given: {
	readonly seed: number;
	readonly registry: readonly RegistryFigures[];
	readonly fanOut: readonly FanOutFigures[];
}): string {
	const { seed, registry, fanOut } = given;
	return [
		`Seed ${seed}.`,
		'',
		'While nothing changes, by the second:',
		'',
		...table(
			[
				'nodes',
				'plugins',
				'singletons',
				'lease',
				'to the server',
				'from the server',
				'its busy cores',
				'at each node',
			],
			registry.map(({ size, steady }) => [
				count(size.nodes),
				count(size.plugins),
				count(size.singletons),
				seconds(size.leaseMs),
				traffic(steady.received),
				traffic(steady.sent),
				`${steady.cores.toFixed(2)} of ${size.server.cores}`,
				traffic(steady.perNode),
			]),
		),
		'',
		'All nodes start within 30 s; then a tenth of them ends at one moment:',
		'',
		...table(
			[
				'nodes',
				'singletons',
				'lease',
				'all see all after',
				'busiest second of the start',
				'lost nodes noticed',
				'singletons that moved',
				'… after (p50, p99, last)',
				'tries in vain',
				'busiest second of the loss',
				'two at a time',
			],
			registry.map(({ size, joined, storm, overlaps }) => [
				count(size.nodes),
				count(size.singletons),
				seconds(size.leaseMs),
				seconds(joined.ms),
				traffic(joined.traffic.busiestSecond),
				`${seconds(storm.noticedMs.first)} to ${seconds(storm.noticedMs.last)}`,
				count(storm.orphans),
				storm.orphans === 0
					? '–'
					: [storm.movedMs.p50, storm.movedMs.p99, storm.movedMs.most].map(seconds).join(', '),
				count(storm.conflicts),
				traffic(storm.traffic.busiestSecond),
				count(overlaps),
			]),
		),
		'',
		'Events that every node hears:',
		'',
		...table(
			[
				'nodes',
				'events/s',
				'bytes',
				'for',
				'slow nodes',
				'from the server',
				'its busy cores',
				'heard after (p50, p99, last)',
				'disconnected',
			],
			fanOut.map(
				({
					given: { subscribers, eventsPerSecond, bytes, seconds: duration, slow },
					sent,
					cores,
					heardMs,
					...rest
				}) => [
					count(subscribers),
					count(eventsPerSecond),
					count(bytes),
					`${duration} s`,
					count(slow),
					traffic(sent),
					cores.toFixed(2),
					[heardMs.p50, heardMs.p99, heardMs.most].map((ms) => `${ms.toFixed(1)} ms`).join(', '),
					rest.firstDisconnectedMs === undefined
						? count(rest.disconnected)
						: `${count(rest.disconnected)}, the first after ${seconds(rest.firstDisconnectedMs)}`,
				],
			),
		),
		'',
	].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
	return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

function count(value: number): string {
	return Math.round(value).toLocaleString('en-US');
}

function seconds(ms: number): string {
	return `${(ms / 1000).toFixed(1)} s`;
}

function traffic({ messages, bytes }: Traffic): string {
	const [amount, unit] = bytes < 1e6 ? [bytes / 1e3, 'kB'] : [bytes / 1e6, 'MB'];
	return `${count(messages)}, ${amount < 10 ? amount.toFixed(1) : count(amount)} ${unit}`;
}
