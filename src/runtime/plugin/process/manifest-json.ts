import type { PluginManifest } from '../../wire/generated/messages.ts';

/** The one line that `--manifest` prints: the keys of the Go SDK, in its order; lists are never null. */
export function manifestJson(manifest: PluginManifest): string {
	return JSON.stringify({
		id: manifest.id ?? '',
		version: manifest.version ?? '',
		description: manifest.description ?? '',
		author: manifest.author ?? '',
		language: manifest.language ?? '',
		provides_tools: manifest.providesTools ?? [],
		provides_storage: manifest.providesStorage ?? [],
		provides_transport: manifest.providesTransport ?? [],
		provides_ai: manifest.providesAi ?? [],
		provides_prompts: manifest.providesPrompts ?? [],
		needs_storage: manifest.needsStorage ?? [],
		needs_ai: manifest.needsAi ?? [],
		needs_tools: manifest.needsTools ?? [],
		// Not a key of the Go SDK, which passes it over.
		...(manifest.requires ? { requires: { ...manifest.requires } } : {}),
	});
}
