import type { Tool } from '@modelcontextprotocol/server';
import type { ListedPrompt, ListedTool } from '../../runtime/client/listings.ts';
import type { PluginClient } from '../../runtime/client/plugin-client.ts';
import type { Catalogue } from '../../runtime/orchestrator/catalogue.ts';
import { mcpTool } from './mcp-tool.ts';
import { nameTools } from './tool-names.ts';

/** A tool by the name that MCP clients call it. */
export interface NamedTool {
	readonly name: string;
	readonly tool: ListedTool;
	/** The tool as it is listed. */
	readonly listed: Tool;
}

/** The tools and prompts of an orchestrator, as MCP lists them: in an order that does not change, and read again when they have changed. */
export class Listing {
	readonly catalogue: Catalogue;
	readonly #client: PluginClient;
	#tools: Promise<ReadonlyMap<string, NamedTool>> | undefined;
	#prompts: Promise<readonly ListedPrompt[]> | undefined;

	constructor(client: PluginClient, catalogue: Catalogue) {
		this.#client = client;
		this.catalogue = catalogue;
	}

	/** The tools by their names. */
	tools(): Promise<ReadonlyMap<string, NamedTool>> {
		this.#tools ??= this.#forgetting(async () => {
			const tools = await this.#client.listTools();
			return new Map(
				nameTools(tools).map(({ name, tool }) => [name, { name, tool, listed: mcpTool(name, tool) }]),
			);
		});
		return this.#tools;
	}

	prompts(): Promise<readonly ListedPrompt[]> {
		this.#prompts ??= this.#forgetting(async () => {
			const prompts = await this.#client.listPrompts();
			return prompts.sort((a, b) => (a.name < b.name ? -1 : 1));
		});
		return this.#prompts;
	}

	/** Something has changed: the next question reads anew. */
	forget(): void {
		this.#tools = undefined;
		this.#prompts = undefined;
	}

	/** Fingerprints that tell one state of the lists from another. */
	async fingerprints(): Promise<{ tools: string; prompts: string }> {
		const [tools, prompts] = await Promise.all([this.tools(), this.prompts()]);
		return {
			tools: JSON.stringify([...tools.values()].map(({ listed }) => listed)),
			prompts: JSON.stringify(prompts),
		};
	}

	/** A list that could not be read is read again at the next question. */
	#forgetting<T>(read: () => Promise<T>): Promise<T> {
		const list = read();
		list.catch(() => this.forget());
		return list;
	}
}
