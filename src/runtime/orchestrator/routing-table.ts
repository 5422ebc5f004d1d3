import type { HostedPlugin } from '../hosting/hosted-plugin.ts';
import { type PluginSlot, untilItRuns } from '../hosting/plugin-slot.ts';
import { defaultStorageType } from '../plugin/definition/storage-handler.ts';
import { sessionPluginService } from '../services/session-plugin-service.ts';
import { kindOf } from '../wire/call-facts.ts';
import type {
	ListPromptsResponse,
	ListToolsResponse,
	PluginRequest,
	StreamStart,
	ToolRequest,
} from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { type DuplicateRule, NameTable } from './name-table.ts';
import { ProviderTable } from './provider-table.ts';

/** Told once for each name that several plugins claim: who answers for it. */
export type SharedName = (message: string, winner: PluginSlot) => void;

/** Options of a routing table. */
export interface RoutingOptions {
	/** Rule for which of several plugins with one name answers. Default: none, a duplicate is refused. */
	readonly duplicates?: DuplicateRule | undefined;
	/** Other names of AI providers, for example `{ grok: 'openai' }`. Default: none. */
	readonly providerAliases?: Readonly<Record<string, string>> | undefined;
	/** The AI provider of a call that names none, where it has the tool. Default: none. */
	readonly defaultProvider?: string | undefined;
	/** Called each time that a call goes to the default provider because it named none. */
	readonly onDefaultProvider?: ((provider: string, tool: string, slot: PluginSlot) => void) | undefined;
}

/**
 * The slots that answer, by name. Names stay with their slot while its plugin does not run, so that a call of it says so and never reaches
 * another plugin.
 */
export class RoutingTable {
	readonly #slots = new Set<PluginSlot>();
	/** By id: what is configured, and each plugin's own. */
	readonly #byId = new Map<string, PluginSlot>();
	readonly #tools: NameTable;
	readonly #prompts: NameTable;
	readonly #storage: NameTable;
	readonly #providers: ProviderTable;
	readonly #options: RoutingOptions;
	readonly #onShared: SharedName;
	/** Remarks about shared names: a plugin that claims its names again shares them again. */
	readonly #told = new Set<string>();

	constructor(options: RoutingOptions, onShared: SharedName) {
		const { duplicates = () => undefined } = options;
		this.#tools = new NameTable('tool', duplicates);
		this.#prompts = new NameTable('prompt', duplicates);
		this.#storage = new NameTable('storage type', duplicates);
		this.#providers = new ProviderTable(duplicates, options.providerAliases);
		this.#options = options;
		this.#onShared = onShared;
	}

	/** The slots in the order in which they were added. */
	get slots(): PluginSlot[] {
		return [...this.#slots];
	}

	/** The slot of an id: a configured one, or a plugin's own. */
	get(id: string): PluginSlot | undefined {
		return this.#byId.get(id);
	}

	/** Adds a slot, with the id that is configured for it. @throws OrchestraError `duplicate_plugin` */
	add(slot: PluginSlot, configuredId: string | undefined): void {
		if (configuredId !== undefined) this.#setId(configuredId, slot);
		this.#slots.add(slot);
	}

	/**
	 * Takes what a plugin provides for its slot, whole or not at all; what the slot had before goes.
	 *
	 * @throws OrchestraError `duplicate_plugin`, `duplicate_tool`, `duplicate_prompt`, `duplicate_storage`, `duplicate_provider`
	 */
	claim(slot: PluginSlot, plugin: HostedPlugin): void {
		const { manifest } = plugin;
		const tools = plugin.tools.map(({ name = '' }) => name);
		const prompts = plugin.prompts.map(({ name = '' }) => name);
		const storage = manifest.providesStorage ?? [];
		const providers = manifest.providesAi ?? [];
		const plainTools = providers.length > 0 ? [] : tools;
		this.#checkId(plugin.id, slot);
		this.#tools.check(slot, plainTools);
		this.#prompts.check(slot, prompts);
		this.#storage.check(slot, storage);
		this.#providers.check(slot, providers, tools);
		this.#checkMixed(slot, tools, providers.length > 0);
		this.#byId.set(plugin.id, slot);
		const claims = [
			...this.#tools.set(slot, plainTools).map((claim) => ({ kind: 'tool', ...claim })),
			...this.#prompts.set(slot, prompts).map((claim) => ({ kind: 'prompt', ...claim })),
			...this.#storage.set(slot, storage).map((claim) => ({ kind: 'storage type', ...claim })),
			...this.#providers.set(slot, providers, tools).map((claim) => ({ kind: 'tool', ...claim })),
		];
		for (const { kind, name, winner, others } of claims) {
			const losers = others.map(({ id }) => id).join(', ');
			const message = `${winner.id} answers for the ${kind} ${name}, which ${losers} has too`;
			if (!this.#told.has(message)) this.#onShared(message, winner);
			this.#told.add(message);
		}
	}

	/** Removes a slot and everything that it provides. */
	remove(slot: PluginSlot): void {
		this.#slots.delete(slot);
		for (const [id, owner] of this.#byId) if (owner === slot) this.#byId.delete(id);
		for (const table of [this.#tools, this.#prompts, this.#storage, this.#providers]) table.delete(slot);
	}

	/**
	 * The slot that has to answer a request, or undefined where the request is not for a plugin.
	 *
	 * @throws OrchestraError `tool_not_found`, `prompt_not_found`, `storage_unavailable`, `routing_error` (no such plugin),
	 * `provider_not_found`, `provider_required`; `plugin_unavailable` where a plugin that is being started for the first time may have what
	 * nobody has
	 */
	route(request: PluginRequest): PluginSlot | undefined {
		try {
			return this.#route(request, this.#options.onDefaultProvider);
		} catch (error) {
			const { code, message } = OrchestraError.from(error, 'internal');
			const comers = missing.has(code) ? this.#comers() : [];
			if (comers.length === 0) throw error;
			throw new OrchestraError(
				'plugin_unavailable',
				`${message} yet, and ${comers.join(', ')} ${comers.length === 1 ? 'is' : 'are'} being started`,
				{
					retryable: true,
					hint: untilItRuns,
					details: { starting: comers },
					cause: error,
				},
			);
		}
	}

	/** The ids of plugins whose names are not known yet, since they are being started for the first time. */
	#comers(): string[] {
		return this.slots.filter(({ state, known }) => state === 'starting' && !known).map(({ id }) => id);
	}

	/** The slot that would answer a request; undefined where there is none. Nobody is told of it. */
	find(request: PluginRequest): PluginSlot | undefined {
		try {
			return this.#route(request, undefined);
		} catch {
			return undefined;
		}
	}

	#route(request: PluginRequest, onDefault: RoutingOptions['onDefaultProvider']): PluginSlot | undefined {
		// Another node has routed it already: which plugin is meant is not for our names to say.
		if (request.cluster?.plugin && isForPlugin(request)) {
			if (request.serviceCall?.service === sessionPluginService.name) throw onlyHost(request.cluster.plugin);
			return this.#routePlugin(request.cluster.plugin);
		}
		const tool = request.toolCall ?? request.streamStart;
		if (tool) return this.#routeTool(tool, onDefault);
		if (request.promptGet) {
			const name = request.promptGet.promptName ?? '';
			return (
				this.#prompts.get(name) ??
				notFound('prompt_not_found', `no plugin provides the prompt ${name}`, this.#prompts.names)
			);
		}
		const storage =
			request.storageRead ?? request.storageWrite ?? request.storageDelete ?? request.storageList;
		if (storage) {
			const type = storage.storageType || defaultStorageType;
			return (
				this.#storage.get(type) ??
				notFound('storage_unavailable', `no plugin provides ${type} storage`, this.#storage.names)
			);
		}
		const plugin = request.serviceCall?.plugin;
		if (!plugin) return undefined;
		if (request.serviceCall?.service === sessionPluginService.name) throw onlyHost(plugin);
		return this.#routePlugin(plugin);
	}

	/** Every prompt that can be asked for by name, each with the plugin that provides it. */
	listPrompts(): ListPromptsResponse {
		return {
			prompts: this.slots.flatMap((slot) =>
				(slot.known?.prompts ?? [])
					.filter(({ name = '' }) => this.#prompts.get(name) === slot)
					.map((prompt) => ({ ...prompt, plugin: slot.id })),
			),
		};
	}

	/** Every tool that can be called by name, each with the plugin that provides it and why it cannot be called now. */
	listTools(): ListToolsResponse {
		return {
			tools: this.slots.flatMap((slot) => {
				const { known, plugin, id } = slot;
				const state = plugin ? {} : { unavailable: slot.unavailable.message };
				const forProvider = (known?.manifest.providesAi ?? []).length > 0;
				return (known?.tools ?? [])
					.filter(({ name = '' }) => forProvider || this.#tools.get(name) === slot)
					.map((tool) => ({ ...tool, plugin: id, ...state }));
			}),
		};
	}

	#routeTool(
		{ toolName: name = '', plugin, provider }: ToolRequest | StreamStart,
		onDefault: RoutingOptions['onDefaultProvider'],
	): PluginSlot {
		if (plugin) return this.#routePlugin(plugin);
		const provided = provider
			? this.#providers.get(provider, name)
			: this.#ofDefaultProvider(name, onDefault);
		return (
			provided ??
			this.#tools.get(name) ??
			this.#providers.only(name) ??
			notFound('tool_not_found', `no plugin provides the tool ${name}`, this.#tools.names)
		);
	}

	#ofDefaultProvider(name: string, onDefault: RoutingOptions['onDefaultProvider']): PluginSlot | undefined {
		const { defaultProvider } = this.#options;
		const slot = defaultProvider === undefined ? undefined : this.#providers.find(defaultProvider, name);
		if (slot && defaultProvider !== undefined) onDefault?.(defaultProvider, name, slot);
		return slot;
	}

	#routePlugin(id: string): PluginSlot {
		return (
			this.#byId.get(id) ?? notFound('routing_error', `there is no plugin ${id}`, [...this.#byId.keys()])
		);
	}

	#checkId(id: string, slot: PluginSlot): void {
		const other = this.#byId.get(id);
		if (!other || other === slot) return;
		throw new OrchestraError('duplicate_plugin', `two plugins have the id ${id}`, {
			hint: 'Leave one of them out, or give it another id.',
			details: { plugin: id },
		});
	}

	/** A tool of a provider and a plain one cannot have the same name: a call without a provider could reach either. */
	#checkMixed(slot: PluginSlot, tools: readonly string[], forProvider: boolean): void {
		for (const name of tools) {
			const other = forProvider ? this.#tools.get(name) : this.#providers.anyWith(name);
			if (other && other !== slot) this.#tools.refuse(slot, name, other);
		}
	}

	#setId(id: string, slot: PluginSlot): void {
		this.#checkId(id, slot);
		this.#byId.set(id, slot);
	}
}

/** Whether a request is one that callers make of a plugin, and not one of its host's. */
function isForPlugin(request: PluginRequest): boolean {
	return kindOf(request) !== undefined || request.health !== undefined;
}

/** Codes that say that nobody has what is asked for. */
const missing = new Set<string>([
	'tool_not_found',
	'prompt_not_found',
	'storage_unavailable',
	'routing_error',
	'provider_not_found',
]);

/** Messages for a kind of which there is nothing. */
const nothingProvided = {
	tool_not_found: 'The plugins here have no tools: orchestra inspect shows what they have.',
	prompt_not_found: 'The plugins here have no prompts: orchestra inspect shows what they have.',
	storage_unavailable: 'The plugins here store nothing: orchestra inspect shows what they have.',
	routing_error: 'No plugin runs here.',
};

/** A plugin's part of a session is its host's to open; an embedded plugin cannot tell who asks. */
function onlyHost(plugin: string): OrchestraError {
	return new OrchestraError('permission_denied', `only its host may open sessions in plugin ${plugin}`, {
		hint: 'Open a session at the orchestrator: the service orchestra.sessions.',
	});
}

function notFound(code: keyof typeof nothingProvided, message: string, known: readonly string[]): never {
	const shown = known.slice(0, 20).join(', ');
	const hint =
		known.length > 0 ? `There are: ${shown}${known.length > 20 ? ', …' : ''}.` : nothingProvided[code];
	throw new OrchestraError(code, message, { hint });
}
