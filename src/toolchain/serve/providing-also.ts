import type { HostedPlugin } from '../../runtime/hosting/hosted-plugin.ts';

/** Names that a configuration says a plugin provides. */
export interface ProvidedAlso {
	readonly providesStorage: readonly string[];
	readonly providesAi: readonly string[];
}

/** A plugin whose manifest says more than it says itself: plugins on the Go SDK may leave it to the configuration. */
export function providingAlso(
	plugin: HostedPlugin,
	{ providesStorage, providesAi }: ProvidedAlso,
): HostedPlugin {
	if (providesStorage.length === 0 && providesAi.length === 0) return plugin;
	return {
		get manifest() {
			const { manifest } = plugin;
			return {
				...manifest,
				providesStorage: together(manifest.providesStorage, providesStorage),
				providesAi: together(manifest.providesAi, providesAi),
			};
		},
		id: plugin.id,
		kind: plugin.kind,
		get tools() {
			return plugin.tools;
		},
		get prompts() {
			return plugin.prompts;
		},
		software: plugin.software,
		extensions: plugin.extensions,
		pid: plugin.pid,
		handle: plugin.handle,
		connection: plugin.connection,
		ended: plugin.ended,
		...(plugin.registered ? { registered: plugin.registered } : {}),
		onProvidesChange: (listener) => plugin.onProvidesChange?.(listener),
		underWay: () => plugin.underWay(),
		stop: () => plugin.stop(),
	};
}

function together(said: readonly string[] = [], configured: readonly string[]): string[] {
	return [...new Set([...said, ...configured])];
}
