import type { PluginStatus } from '../../runtime/wire/generated/messages.ts';
import type { Metric, Sample } from './prometheus-text.ts';

/** Metrics of the states of a server's plugins. */
export function pluginMetrics(statuses: readonly PluginStatus[]): Metric[] {
	const samples = (numberOf: (status: PluginStatus) => number | undefined): Sample[] =>
		statuses.flatMap((status) => {
			const value = numberOf(status);
			return value === undefined ? [] : [{ labels: { plugin: status.id ?? '' }, value }];
		});
	return [
		{
			name: 'orchestra_plugin_up',
			help: 'Whether the plugin runs.',
			type: 'gauge',
			samples: statuses.map(({ id = '', state = '' }) => ({
				labels: { plugin: id, state },
				value: state === 'running' ? 1 : 0,
			})),
		},
		{
			name: 'orchestra_plugin_starts_total',
			help: 'How often the plugin was started.',
			type: 'counter',
			samples: samples(({ starts }) => starts),
		},
		{
			name: 'orchestra_plugin_memory_bytes',
			help: 'What the process of the plugin occupies, as it last said.',
			type: 'gauge',
			// One that runs in this process says 0.
			samples: samples(({ memoryBytes }) => memoryBytes || undefined),
		},
		{
			name: 'orchestra_plugin_loop_lag_seconds',
			help: 'How late the event loop of the plugin ran at worst, as it last said.',
			type: 'gauge',
			samples: samples(({ loopLagMs }) => (loopLagMs === undefined ? undefined : loopLagMs / 1000)),
		},
	];
}

/** Metrics of this process. */
export function processMetrics(): Metric[] {
	const { user, system } = process.cpuUsage();
	const gauge = (name: string, help: string, value: number): Metric => ({
		name,
		help,
		type: 'gauge',
		samples: [{ value }],
	});
	return [
		gauge('process_resident_memory_bytes', 'Memory of the server.', process.memoryUsage.rss()),
		{
			...gauge('process_cpu_seconds_total', 'Processor time of the server.', (user + system) / 1e6),
			type: 'counter',
		},
		gauge(
			'process_start_time_seconds',
			'When the server was started, in seconds since 1970.',
			Math.round(Date.now() / 1000 - process.uptime()),
		),
	];
}
