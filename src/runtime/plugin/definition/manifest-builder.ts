import type { PluginManifest } from '../../wire/generated/messages.ts';
import { ManifestDraft, type ManifestList } from './manifest-draft.ts';
import { assertPluginId } from './names.ts';

/**
 * Writes a manifest without a plugin: for hosts, installers and tests that have to say what a plugin is. A plugin's own is written by
 * its {@link PluginBuilder}. Every method returns the builder, a name stands in a list once, and {@link build} takes a snapshot.
 *
 * @throws OrchestraError `invalid_plugin`, from the step that is wrong
 */
export class ManifestBuilder {
	readonly #draft: ManifestDraft;

	/** @throws OrchestraError `invalid_plugin` */
	constructor(id: string) {
		assertPluginId(id);
		this.#draft = new ManifestDraft(id);
	}

	/** A semantic version. Default: none. */
	version(version: string): this {
		this.#draft.set('version', version);
		return this;
	}

	/** One line for people. */
	description(description: string): this {
		this.#draft.set('description', description);
		return this;
	}

	author(author: string): this {
		this.#draft.set('author', author);
		return this;
	}

	/** The executable that runs the plugin, for installers. */
	binary(path: string): this {
		this.#draft.set('binary', path);
		return this;
	}

	providesTools(...names: string[]): this {
		return this.#add('providesTools', names);
	}

	providesPrompts(...names: string[]): this {
		return this.#add('providesPrompts', names);
	}

	providesStorage(...types: string[]): this {
		return this.#add('providesStorage', types);
	}

	providesTransport(...transports: string[]): this {
		return this.#add('providesTransport', transports);
	}

	providesAi(...providers: string[]): this {
		return this.#add('providesAi', providers);
	}

	/** The topics that the plugin publishes. */
	providesEvents(...topics: string[]): this {
		return this.#add('providesEvents', topics);
	}

	needsTools(...names: string[]): this {
		return this.#add('needsTools', names);
	}

	needsStorage(...types: string[]): this {
		return this.#add('needsStorage', types);
	}

	needsAi(...providers: string[]): this {
		return this.#add('needsAi', providers);
	}

	/** The topics that the plugin hears. */
	needsEvents(...topics: string[]): this {
		return this.#add('needsEvents', topics);
	}

	/** The manifest as it is now, with `language` typescript. */
	build(): PluginManifest {
		return this.#draft.build();
	}

	#add(key: ManifestList, names: string[]): this {
		this.#draft.add(key, names);
		return this;
	}
}

/** Begins a manifest. @throws OrchestraError `invalid_plugin` where the id is none */
export function createManifest(id: string): ManifestBuilder {
	return new ManifestBuilder(id);
}
