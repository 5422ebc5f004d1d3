import type { PluginContext } from './context.ts';

/** Report of a health hook. */
export interface HealthReport {
	readonly status: 'healthy' | 'degraded' | 'unhealthy';
	/** Default: the status. */
	readonly message?: string;
	readonly details?: Readonly<Record<string, string>>;
}

/** The hooks of a plugin's life; each is optional. */
export interface Lifecycle {
	/**
	 * Called once, before the first call of most hosts, with the configuration that the host has for this plugin. Throwing
	 * refuses to boot; a host that supervises plugins tries again where it throws a ToolError that is `retryable`. Deadline {@link bootTimeoutMs}, or that of the host where it is longer.
	 */
	onBoot?(config: Readonly<Record<string, string>>, ctx: PluginContext): unknown;
	/**
	 * Called once, however and however often the plugin is stopped, when its calls have ended. Throwing makes the shutdown
	 * unclean; it ends all the same.
	 */
	onShutdown?(): unknown;
	/** Called for every health request. Throwing is unhealthy. Deadline {@link healthTimeoutMs}. Without it: healthy. */
	onHealth?(): HealthReport | PromiseLike<HealthReport>;
}

/** Milliseconds that `onBoot` may take. */
export const bootTimeoutMs = 30_000;

/** Milliseconds that `onHealth` may take. */
export const healthTimeoutMs = 5_000;
