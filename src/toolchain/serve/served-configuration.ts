import { defaultStartTimeoutMs } from '../../runtime/hosting/plugin-slot.ts';
import type { LogEntry } from '../../runtime/plugin/definition/log.ts';
import type { Configuration, PluginConfiguration } from '../configuration/configuration.ts';
import { moduleDials } from '../targets/module-carrier.ts';
import { configuredSource, type SourceAdditions } from './configured-source.ts';
import { duplicateRule } from './duplicate-rule.ts';
import type { PluginToServe, ServedSet, SourceContext } from './plugin-to-serve.ts';

/** Options of serving a configuration. */
export interface ConfigurationOptions extends SourceAdditions {
	/** Ids of plugins that answer for a name that others have too, the first of them first. It wins over the file's routes. */
	readonly prefer?: readonly string[] | undefined;
	readonly onLog: (entry: LogEntry) => void;
}

/** The enabled plugins of a configuration. */
export function servedConfiguration(configuration: Configuration, options: ConfigurationOptions): ServedSet {
	const { rules, providers, defaultProvider } = configuration;
	const enabled = configuration.plugins.filter((plugin) => plugin.enabled);
	return {
		hasProcesses: enabled.some(
			({ source, process }) =>
				(source.kind === 'binary' && !source.goPlugin) ||
				(source.kind === 'module' &&
					(source.spawn || options.spawn === true) &&
					moduleDials(process.carrier ?? options.carrier)),
		),
		routing: {
			duplicates: duplicateRule(configuration, options.prefer),
			providerAliases: providers,
			defaultProvider,
			onDefaultProvider(provider, tool, slot) {
				if (!rules.tellDefaultProvider) return;
				const message = `a call of ${tool} names no AI provider: it goes to ${provider}`;
				options.onLog({ level: 'info', plugin: slot.id, message });
			},
		},
		access: configuration.access,
		failedDependency: rules.failedDependency,
		plugins: async (context) => enabled.map((plugin) => servedPlugin(plugin, context, options)),
	};
}

/** One plugin of a configuration. */
export function servedPlugin(
	plugin: PluginConfiguration,
	context: SourceContext,
	additions: SourceAdditions,
): PluginToServe {
	const { restart, start, idleStopMs, supervision } = plugin;
	const { readyMs, registerMs, bootMs, healthEveryMs, healthTimeoutMs } = supervision;
	return {
		id: plugin.id,
		source: configuredSource(plugin, context, additions),
		dependsOn: plugin.dependsOn,
		replicas: plugin.replicas,
		singleton: plugin.singleton,
		policy: {
			supervision: { ...restart, healthEveryMs, healthTimeoutMs },
			// With time for what comes before and after: a module that is compiled, certificates, lists.
			startTimeoutMs: Math.max(defaultStartTimeoutMs, 20_000 + readyMs + registerMs + bootMs),
			startOnCall: start === 'on-call',
			idleStopMs,
		},
	};
}
