import type { ListPromptsResponse, ListToolsResponse, PluginRequest } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { HostedPlugin } from './hosted-plugin.ts';

/** The storage type of a request that names none. Source: the Go SDK. */
const defaultStorageType = 'markdown';

/** Which plugin answers what: by tool, prompt and storage type. Names are unique among all plugins, so routing never guesses. */
export class RoutingTable {
	readonly #plugins = new Map<string, HostedPlugin>();
	readonly #tools = new Map<string, HostedPlugin>();
	readonly #prompts = new Map<string, HostedPlugin>();
	readonly #storage = new Map<string, HostedPlugin>();

	/** The plugins in the order in which they were added. */
	get plugins(): HostedPlugin[] {
		return [...this.#plugins.values()];
	}

	/** Whether a plugin of that id is there. */
	has(id: string): boolean {
		return this.#plugins.has(id);
	}

	/**
	 * Adds a plugin whole, or not at all.
	 *
	 * @throws OrchestraError `duplicate_plugin`, `duplicate_tool` (tools, prompts and storage types alike)
	 */
	add(plugin: HostedPlugin): void {
		if (this.#plugins.has(plugin.id)) {
			throw new OrchestraError('duplicate_plugin', `two plugins have the id ${plugin.id}`, {
				hint: 'Leave one of them out, or give it another id.',
			});
		}
		const claims = [
			{ kind: 'tool', table: this.#tools, names: plugin.tools.map((tool) => tool.name ?? '') },
			{ kind: 'prompt', table: this.#prompts, names: plugin.prompts.map((prompt) => prompt.name ?? '') },
			{ kind: 'storage type', table: this.#storage, names: plugin.manifest.providesStorage ?? [] },
		];
		for (const { kind, table, names } of claims) {
			for (const name of names) {
				const other = table.get(name);
				if (!other) continue;
				throw new OrchestraError(
					'duplicate_tool',
					`${other.id} and ${plugin.id} both provide the ${kind} ${name}`,
					{
						hint: 'Leave one of the plugins out, or rename it there.',
						details: { kind, name, plugins: [other.id, plugin.id] },
					},
				);
			}
		}
		for (const { table, names } of claims) for (const name of names) table.set(name, plugin);
		this.#plugins.set(plugin.id, plugin);
	}

	/** Removes a plugin and everything that it provides. */
	remove(id: string): void {
		const plugin = this.#plugins.get(id);
		if (!plugin) return;
		this.#plugins.delete(id);
		for (const table of [this.#tools, this.#prompts, this.#storage]) {
			for (const [name, owner] of table) if (owner === plugin) table.delete(name);
		}
	}

	/**
	 * The plugin that has to answer a request, or undefined where the request is not for a plugin.
	 *
	 * @throws OrchestraError `tool_not_found`, `prompt_not_found`, `storage_unavailable`, `routing_error` (no such plugin)
	 */
	route(request: PluginRequest): HostedPlugin | undefined {
		const tool = request.toolCall ?? request.streamStart;
		if (tool) return this.#routeTool(tool.toolName ?? '', tool.plugin);
		if (request.promptGet) {
			const name = request.promptGet.promptName ?? '';
			return this.#prompts.get(name) ?? notFound('prompt_not_found', `no plugin provides the prompt ${name}`);
		}
		const storage =
			request.storageRead ?? request.storageWrite ?? request.storageDelete ?? request.storageList;
		if (storage) {
			const type = storage.storageType || defaultStorageType;
			return this.#storage.get(type) ?? notFound('storage_unavailable', `no plugin provides ${type} storage`);
		}
		return undefined;
	}

	/** Every prompt, each with the plugin that provides it. */
	listPrompts(): ListPromptsResponse {
		return {
			prompts: this.plugins.flatMap((plugin) =>
				plugin.prompts.map((prompt) => ({ ...prompt, plugin: plugin.id })),
			),
		};
	}

	/** Every tool, each with the plugin that provides it. */
	listTools(): ListToolsResponse {
		return {
			tools: this.plugins.flatMap((plugin) => plugin.tools.map((tool) => ({ ...tool, plugin: plugin.id }))),
		};
	}

	#routeTool(name: string, pluginId: string | undefined): HostedPlugin {
		if (!pluginId) {
			const known = [...this.#tools.keys()];
			return (
				this.#tools.get(name) ??
				notFound('tool_not_found', `no plugin provides the tool ${name}`, {
					hint: known.length > 0 ? `There are: ${known.join(', ')}.` : 'No plugin with tools is running.',
				})
			);
		}
		return (
			this.#plugins.get(pluginId) ??
			notFound('routing_error', `there is no plugin ${pluginId}`, {
				hint: `Running are: ${[...this.#plugins.keys()].join(', ')}.`,
			})
		);
	}
}

function notFound(code: string, message: string, options?: { hint: string }): never {
	throw new OrchestraError(code, message, options);
}
