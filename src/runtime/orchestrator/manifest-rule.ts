import { defaultStorageType } from '../plugin/definition/storage-handler.ts';
import type { PluginManifest, PluginRequest } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { matchesName } from './matches-name.ts';

/** Names that are told of, at most: who asks for ever new ones is told of no more. */
const maxTold = 1024;

/** A plugin that asks for something. */
export interface AskingPlugin {
	/** Name for people. */
	readonly id: string;
	readonly manifest: PluginManifest;
	/** Whether it speaks the core protocol only. */
	readonly isCore: boolean;
}

/** Options of holding plugins to their manifests. */
export interface ManifestRuleOptions {
	/** Whether plugins of the core protocol are refused what they did not declare, as all others are. */
	readonly strict: boolean;
	/** The manifest of the plugin that a request would go to; undefined where there is none. */
	readonly target: (request: PluginRequest) => PluginManifest | undefined;
	/** Called with each refusal, and once for each name that a plugin of the core protocol did not declare. */
	readonly onUndeclared: (pluginId: string, message: string) => void;
}

/**
 * Holds plugins to what their manifests say that they need: tools, storage types, AI providers. What a plugin provides itself it need
 * not declare. Events are held by `access.rules` only: a topic in `needs_events` is a subscription, no permission to make one.
 */
export class ManifestRule {
	readonly #options: ManifestRuleOptions;
	readonly #told = new Set<string>();

	constructor(options: ManifestRuleOptions) {
		this.#options = options;
	}

	/** Whether a plugin may have what it asks for. Nobody is told. */
	allows({ manifest, isCore }: AskingPlugin, request: PluginRequest): boolean {
		return (isCore && !this.#options.strict) || this.#undeclared(manifest, request) === undefined;
	}

	/** Refusal of what a plugin asks for; undefined where it may have it. */
	refusal(plugin: AskingPlugin, request: PluginRequest): OrchestraError | undefined {
		const missing = this.#undeclared(plugin.manifest, request);
		if (missing === undefined) return undefined;
		const { kind, name } = missing;
		const { id } = plugin;
		const doing = kind === 'tools' ? `call the tool ${name}` : `use the storage ${name}`;
		const declare = kind === 'tools' ? 'needs_tools' : 'needs_storage';
		if (plugin.isCore && !this.#options.strict) {
			this.#tellOnce(id, `${id} may ${doing}, though its manifest does not say so (${declare})`, missing);
			return undefined;
		}
		const message = `${id} may not ${doing}: its manifest does not say that it needs it (${declare})`;
		this.#options.onUndeclared(id, message);
		const method = kind === 'tools' ? 'needsTools' : 'needsStorage';
		return new OrchestraError('permission_denied', message, {
			hint: `If it is meant to, declare it where the plugin is made: .${method}(${JSON.stringify(name)}).`,
			details: { caller: id, rule: 'manifest', kind, name },
		});
	}

	#undeclared(manifest: PluginManifest, request: PluginRequest): Undeclared | undefined {
		const call = request.toolCall ?? request.streamStart;
		if (call) {
			const { toolName: name = '', provider = '' } = call;
			if (includes(manifest.needsTools, name)) return undefined;
			if (provider !== '' && includes(manifest.needsAi, provider)) return undefined;
			const target = this.#options.target(request);
			// Nobody's: that is for the answer to say.
			if (target === undefined || target.id === manifest.id) return undefined;
			const isProvider = target.providesAi?.some((provided) => includes(manifest.needsAi, provided));
			return isProvider ? undefined : { kind: 'tools', name };
		}
		const storage =
			request.storageRead ?? request.storageWrite ?? request.storageDelete ?? request.storageList;
		if (!storage) return undefined;
		const type = storage.storageType || defaultStorageType;
		if (includes(manifest.needsStorage, type)) return undefined;
		const target = this.#options.target(request);
		return target === undefined || target.id === manifest.id ? undefined : { kind: 'storage', name: type };
	}

	#tellOnce(id: string, message: string, { kind, name }: Undeclared): void {
		const key = JSON.stringify([id, kind, name]);
		if (this.#told.has(key) || this.#told.size >= maxTold) return;
		this.#told.add(key);
		this.#options.onUndeclared(id, `${message}. access.strict would refuse it`);
	}
}

interface Undeclared {
	readonly kind: 'tools' | 'storage';
	readonly name: string;
}

function includes(patterns: readonly string[] | undefined, name: string): boolean {
	return patterns?.some((pattern) => matchesName(pattern, name)) ?? false;
}
