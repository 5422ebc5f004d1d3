import { isObject } from '../../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { replaceFile } from '../../replace-file.ts';
import { fileFailure } from './file-failure.ts';
import type { PluginStore } from './plugin-store.ts';
import { readDocument } from './read-document.ts';

/** An installed plugin as the Go command line writes it. Keys and their order are its own. */
export interface RegistryEntry {
	readonly id: string;
	readonly version: string;
	/** Absolute path of what is started. */
	readonly binary: string;
	/** The key of the entry: where it comes from, without a version. */
	readonly repo: string;
	readonly installed_at: string;
	readonly provides_tools: readonly string[];
	readonly provides_storage: readonly string[];
	readonly needs_storage: readonly string[];
	/** Whether the Go command line starts it with its server. */
	readonly enabled: boolean;
	readonly provides_ai?: readonly string[];
	readonly needs_ai?: readonly string[];
	readonly needs_tools?: readonly string[];
	readonly provides_prompts?: readonly string[];
	readonly description?: string;
	readonly author?: string;
	/** Platform in the words of Go: `linux-amd64`. */
	readonly platform?: string;
	readonly updated_at?: string;
}

/** Times that a change is made anew because another program wrote the registry meanwhile. */
const maxTries = 20;

/**
 * The registry that we share with the Go command line, `{"plugins": {KEY: ENTRY}}`. Entries and keys that we do not understand are
 * kept as they are.
 */
export class Registry {
	readonly #text: string | undefined;
	readonly #document: Record<string, unknown>;
	readonly #plugins: Record<string, unknown>;

	private constructor(store: PluginStore) {
		const found = readDocument(store.registryFile, 'the registry of plugins');
		this.#text = found?.text;
		this.#document = found?.value ?? {};
		const { plugins } = this.#document;
		if (plugins !== undefined && plugins !== null && !isObject(plugins)) {
			throw new OrchestraError(
				'registry_unusable',
				`"plugins" in the registry ${store.registryFile} is no object`,
				{ hint: 'Mend it or move it away.', details: { path: store.registryFile } },
			);
		}
		// Without a prototype: a key may be "__proto__".
		this.#plugins = Object.assign(Object.create(null) as Record<string, unknown>, plugins);
	}

	/** @throws OrchestraError `registry_unusable` */
	static read(store: PluginStore): Registry {
		return new Registry(store);
	}

	/** The entries that name a plugin and what to start, by key. */
	get entries(): Map<string, RegistryEntry> {
		const entries = new Map<string, RegistryEntry>();
		for (const [key, entry] of Object.entries(this.#plugins)) {
			if (isObject(entry) && typeof entry.id === 'string' && typeof entry.binary === 'string') {
				entries.set(key, entry as unknown as RegistryEntry);
			}
		}
		return entries;
	}

	/** The entry of an id or, as on the Go side, of a key. */
	find(idOrKey: string): { readonly key: string; readonly entry: RegistryEntry } | undefined {
		const { entries } = this;
		const direct = entries.get(idOrKey);
		if (direct) return { key: idOrKey, entry: direct };
		for (const [key, entry] of entries) if (entry.id === idOrKey) return { key, entry };
		return undefined;
	}

	/**
	 * Reads the registry, changes its entries and switches to the new one. Where another program has written it meanwhile the change
	 * is made anew on what that one wrote: it takes no lock that we could wait for.
	 *
	 * @param change gets the entries by key; what it returns is returned
	 * @throws OrchestraError `registry_unusable`, `no_space`; the old registry stays
	 */
	static update<T>(
		store: PluginStore,
		change: (entries: Record<string, unknown>, registry: Registry) => T,
	): T {
		for (let tries = 1; ; tries++) {
			const registry = Registry.read(store);
			const result = change(registry.#plugins, registry);
			const text = `${JSON.stringify({ ...registry.#document, plugins: registry.#plugins }, null, 2)}\n`;
			try {
				replaceFile(store.registryFile, text, () => {
					if (Registry.read(store).#text !== registry.#text) throw new Changed();
				});
				return result;
			} catch (error) {
				if (!(error instanceof Changed)) throw fileFailure(store.registryFile, error);
				if (tries < maxTries) continue;
				throw new OrchestraError(
					'registry_unusable',
					`another program keeps writing the registry ${store.registryFile}`,
					{ hint: 'Try again when it has ended.', details: { path: store.registryFile }, retryable: true },
				);
			}
		}
	}
}

/** Another program wrote the registry. */
class Changed extends Error {}

const goSystems: Record<string, string> = { win32: 'windows' };
const goMachines: Record<string, string> = { x64: 'amd64', ia32: '386' };

/** This machine as Go names it. */
export const goPlatform = `${goSystems[process.platform] ?? process.platform}-${goMachines[process.arch] ?? process.arch}`;
