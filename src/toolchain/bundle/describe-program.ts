// The main module of a process that looks at a built plugin: `describe-program BUNDLE OUTPUT`. It imports the bundle as a
// program that embeds it would, and writes what it finds to a file: stdout belongs to the plugin.
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { isPlugin, type Plugin } from '../../runtime/plugin/definition/plugin.ts';
import { manifestJson } from '../../runtime/plugin/process/manifest-json.ts';
import type { JsonObject } from '../../runtime/wire/json-value.ts';

const [bundle = '', output = ''] = process.argv.slice(2);

async function describe(): Promise<JsonObject> {
	const { default: plugin } = (await import(pathToFileURL(bundle).href)) as { default?: unknown };
	if (!isPlugin(plugin)) return { fault: plugin === undefined ? 'no_default_export' : 'no_plugin' };
	await plugin.check();
	return { plugin: describePlugin(plugin) };
}

function describePlugin(plugin: Plugin): JsonObject {
	return {
		...(JSON.parse(manifestJson(plugin.manifest)) as JsonObject),
		provides_events: plugin.manifest.providesEvents ?? [],
		needs_events: plugin.manifest.needsEvents ?? [],
		tools: [...plugin.tools.values()].map(({ name, description, streaming, input }) => ({
			name,
			description,
			streaming,
			input_schema: input.jsonSchema,
		})),
		prompts: [...plugin.prompts.values()].map((prompt) => ({
			name: prompt.name,
			description: prompt.description,
			arguments: prompt.arguments.map(({ name, description = '', required = false }) => ({
				name,
				description,
				required,
			})),
		})),
	};
}

function describeError(caught: unknown): JsonObject {
	if (!(caught instanceof Error)) return { message: String(caught) };
	const { message, stack = '' } = caught;
	// The bundle has a runtime of its own, so an error of its builder is none of our classes.
	const { code, hint } = caught as { code?: unknown; hint?: unknown };
	const isTyped = caught.name === 'OrchestraError' || caught.name === 'ToolError';
	return {
		message,
		stack,
		...(isTyped && typeof code === 'string' ? { code } : {}),
		...(isTyped && typeof hint === 'string' ? { hint } : {}),
	};
}

let found: JsonObject;
try {
	found = await describe();
} catch (error) {
	found = { error: describeError(error) };
}
writeFileSync(output, JSON.stringify(found));
// A plugin may have left a timer or a socket behind.
process.exit(0);
