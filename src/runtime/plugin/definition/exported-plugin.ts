import type { PluginManifest } from '../../wire/generated/messages.ts';
import type { JsonObject } from '../../wire/json-value.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Prompt } from './prompt.ts';
import type { StorageHandler } from './storage-handler.ts';
import type { Subscription } from './subscription.ts';
import type { Tool } from './tool.ts';

/** A tool of an {@link ExportedPlugin}. */
export interface ExportedTool {
	readonly name: string;
	readonly description: string;
	/** A JSON Schema. */
	readonly inputSchema: JsonObject;
	/** The handler as it was registered: it does not check its arguments. */
	readonly handler: Tool['handler'];
}

/** The parts of a plugin, for a host in the same process that calls them itself. Serving one needs no network. */
export interface ExportedPlugin {
	readonly id: string;
	readonly manifest: PluginManifest;
	readonly tools: readonly ExportedTool[];
	readonly streamTools: readonly ExportedTool[];
	readonly prompts: readonly Prompt[];
	/** The events that it hears. */
	readonly subscriptions: readonly Subscription[];
	readonly storageHandler: StorageHandler | undefined;
	readonly lifecycle: Lifecycle;
}
