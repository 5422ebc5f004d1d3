import type { ExchangeHandler } from '../carrier/carrier.ts';
import type { PluginManifest, PromptDefinition, ToolDefinition } from '../wire/generated/messages.ts';

/** A plugin that an orchestrator routes to, wherever it runs. */
export interface HostedPlugin {
	readonly id: string;
	readonly manifest: PluginManifest;
	readonly tools: readonly ToolDefinition[];
	readonly prompts: readonly PromptDefinition[];
	/** Serves an exchange that is meant for this plugin. */
	readonly handle: ExchangeHandler;
	/** Shuts it down and frees what it holds. Never rejects; safe to call twice. */
	stop(): Promise<void>;
}
