import { defineService, unary } from '../services/service-definition.ts';
import { type ServedService, serveService } from '../services/service-server.ts';
import type { ToolDefinition } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';

/** Tools of one page where nothing is said, and at most. */
const defaultLimit = 50;
const maxLimit = 500;

/** A tool of a catalogue. */
export interface CatalogueEntry extends ToolDefinition {
	readonly name: string;
	/** The plugin that answers for it. */
	readonly plugin: string;
}

/** Choice of tools. */
export interface CatalogueQuery {
	/** Only those of this plugin. */
	readonly plugin?: string | undefined;
	/** Number of tools that are passed over. Default 0. */
	readonly offset?: number | undefined;
	/** Largest number of tools, up to 500. Default 50. */
	readonly limit?: number | undefined;
}

/** Some tools, and how many there are in all. */
export interface CataloguePage {
	readonly tools: readonly CatalogueEntry[];
	readonly total: number;
}

/** The tools of all plugins of an orchestrator: to page through, search, and look up. It reads what is there at each question. */
export class Catalogue {
	readonly #list: () => readonly ToolDefinition[];

	/** @param list the tools that can be called by name, each with its plugin */
	constructor(list: () => readonly ToolDefinition[]) {
		this.#list = list;
	}

	/** The ids of the plugins that have tools. */
	get plugins(): string[] {
		return [...new Set(this.#entries().map(({ plugin }) => plugin))];
	}

	/** Number of tools. */
	count(plugin?: string): number {
		return this.#entries(plugin).length;
	}

	/** Tools by name. */
	list(query: CatalogueQuery = {}): CataloguePage {
		return page(
			this.#entries(query.plugin).sort((a, b) => compare(a.name, b.name) || compare(a.plugin, b.plugin)),
			query,
		);
	}

	/** Tools that have every word of a text in their name, plugin or description, the best first: the name counts most. */
	search(text: string, query: CatalogueQuery = {}): CataloguePage {
		const words = text.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 32);
		const found = this.#entries(query.plugin)
			.map((tool) => ({ tool, score: score(tool, words) }))
			.filter((hit) => hit.score > 0)
			.sort((a, b) => b.score - a.score || compare(a.tool.name, b.tool.name));
		return page(
			found.map(({ tool }) => tool),
			query,
		);
	}

	/** @throws OrchestraError `tool_not_found`; `provider_required` where several plugins have it and none is named */
	get(name: string, plugin?: string): CatalogueEntry {
		const found = this.#entries(plugin).filter((tool) => tool.name === name);
		const [tool, other] = found;
		if (!tool) throw new OrchestraError('tool_not_found', `no plugin provides the tool ${name}`);
		if (other) {
			throw new OrchestraError('provider_required', `several plugins have the tool ${name}`, {
				hint: `Say which: ${found.map((entry) => entry.plugin).join(', ')}.`,
			});
		}
		return tool;
	}

	#entries(plugin?: string): CatalogueEntry[] {
		return this.#list()
			.map((tool) => ({ ...tool, name: tool.name ?? '', plugin: tool.plugin ?? '' }))
			.filter((tool) => plugin === undefined || tool.plugin === plugin);
	}
}

/** The catalogue as a service: any peer may read it, since any peer may list the tools. */
export const catalogueService = defineService('orchestra.catalogue', 1, {
	list: unary<CatalogueQuery, CataloguePage>(),
	search: unary<CatalogueQuery & { text: string }, CataloguePage>(),
	get: unary<{ name: string; plugin?: string }, { tool: CatalogueEntry }>(),
	count: unary<{ plugin?: string }, { count: number }>(),
	plugins: unary<Record<string, never>, { plugins: readonly string[] }>(),
});

/** Serves a catalogue. */
export function serveCatalogue(catalogue: Catalogue): ServedService {
	return serveService(catalogueService, {
		list: (query) => catalogue.list(query),
		search: ({ text, ...query }) => catalogue.search(String(text), query),
		get: ({ name, plugin }) => ({ tool: catalogue.get(name, plugin) }),
		count: ({ plugin }) => ({ count: catalogue.count(plugin) }),
		plugins: () => ({ plugins: catalogue.plugins }),
	});
}

function page(
	tools: readonly CatalogueEntry[],
	{ offset = 0, limit = defaultLimit }: CatalogueQuery,
): CataloguePage {
	const from = Math.max(0, Math.trunc(offset));
	const count = Math.min(maxLimit, Math.max(0, Math.trunc(limit)));
	return { tools: tools.slice(from, from + count), total: tools.length };
}

function score({ name, plugin, description = '' }: CatalogueEntry, words: readonly string[]): number {
	const lowName = name.toLowerCase();
	const rest = `${plugin} ${description}`.toLowerCase();
	let sum = 0;
	for (const word of words) {
		if (lowName === word) sum += 8;
		else if (lowName.startsWith(word)) sum += 4;
		else if (lowName.includes(word)) sum += 3;
		else if (rest.includes(word)) sum += 1;
		else return 0;
	}
	return words.length === 0 ? 1 : sum;
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
