import type { ExportedPlugin, ExportedTool } from './exported-plugin.ts';
import type { Plugin } from './plugin.ts';

/** Takes a plugin apart. */
export function exportPlugin(plugin: Plugin): ExportedPlugin {
	const pick = (streaming: boolean): ExportedTool[] =>
		[...plugin.tools.values()]
			.filter((tool) => tool.streaming === streaming)
			.map(({ name, description, input, handler }) => ({
				name,
				description,
				inputSchema: structuredClone(input.jsonSchema),
				handler,
			}));
	return {
		id: plugin.id,
		manifest: plugin.manifest,
		tools: pick(false),
		streamTools: pick(true),
		prompts: [...plugin.prompts.values()],
		subscriptions: [...plugin.subscriptions],
		storageHandler: plugin.storageHandler,
		lifecycle: plugin.lifecycle,
	};
}
