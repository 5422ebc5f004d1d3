import type { PluginManifest, Requirements } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';

/** The lists of names in a manifest. */
export type ManifestList = {
	[K in keyof PluginManifest]-?: PluginManifest[K] extends string[] | undefined ? K : never;
}[keyof PluginManifest];

/** The single texts in a manifest that an author sets. */
export type ManifestText = 'version' | 'description' | 'author' | 'binary';

/** The manifest of a plugin while it is being written. A name stands in a list once, however often it is added. */
export class ManifestDraft {
	readonly #id: string;
	readonly #texts = new Map<ManifestText, string>();
	readonly #lists = new Map<ManifestList, Set<string>>();
	#requires: Requirements | undefined;

	constructor(id: string) {
		this.#id = id;
	}

	set(key: ManifestText, value: string): void {
		if (typeof value !== 'string') throw this.#wrong(key, 'is no text');
		this.#texts.set(key, value);
	}

	add(key: ManifestList, names: readonly string[]): void {
		const list = this.#lists.get(key) ?? new Set();
		for (const name of names) {
			if (typeof name !== 'string' || name === '') throw this.#wrong(key, 'holds something that is no name');
			list.add(name);
		}
		this.#lists.set(key, list);
	}

	/** Replaces what it requires. A range is read where there is a library for it: by `build` and `install`. */
	require({ protocol, runtime }: Requirements): void {
		if (protocol !== undefined && !(Number.isInteger(protocol) && protocol >= 1 && protocol <= 0xffff)) {
			throw this.#wrong('required protocol', 'is no whole number from 1');
		}
		if (runtime !== undefined && (typeof runtime !== 'string' || runtime === '' || runtime.length > 256)) {
			throw this.#wrong('required runtime', 'is no range of versions, such as ">=0.1 <1"');
		}
		this.#requires = {
			...(protocol === undefined ? {} : { protocol }),
			...(runtime === undefined ? {} : { runtime }),
		};
	}

	list(key: ManifestList): string[] {
		return [...(this.#lists.get(key) ?? [])];
	}

	/** A manifest of its own each time. */
	build(): PluginManifest {
		return {
			id: this.#id,
			version: this.#texts.get('version') ?? '',
			language: 'typescript',
			description: this.#texts.get('description') ?? '',
			author: this.#texts.get('author') ?? '',
			binary: this.#texts.get('binary') ?? '',
			providesTools: this.list('providesTools'),
			providesEvents: this.list('providesEvents'),
			providesStorage: this.list('providesStorage'),
			providesTransport: this.list('providesTransport'),
			providesAi: this.list('providesAi'),
			providesPrompts: this.list('providesPrompts'),
			needsStorage: this.list('needsStorage'),
			needsEvents: this.list('needsEvents'),
			needsAi: this.list('needsAi'),
			needsTools: this.list('needsTools'),
			args: [],
			env: {},
			...(this.#requires ? { requires: { ...this.#requires } } : {}),
		};
	}

	#wrong(key: string, why: string): OrchestraError {
		return new OrchestraError('invalid_plugin', `the ${key} of plugin ${this.#id} ${why}`);
	}
}
