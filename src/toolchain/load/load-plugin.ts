import { pathToFileURL } from 'node:url';
import { isPlugin, type Plugin } from '../../runtime/plugin/definition/plugin.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { compileModule } from './compile-module.ts';

/** Milliseconds that a module may take to evaluate: a top-level await can hang. */
const evaluateTimeoutMs = 30_000;

/**
 * Imports a plugin's module into this process and returns its default export.
 *
 * @param entry the absolute path of the module, TypeScript or JavaScript
 * @throws OrchestraError `plugin_load_failed` (does not compile, throws, never ends), `not_a_plugin` (no plugin exported)
 */
export async function loadPlugin(entry: string): Promise<Plugin> {
	return importPlugin(await compileModule(entry), entry);
}

/**
 * Imports a module that this runtime can import as it is.
 *
 * @param file the module
 * @param entry what it was compiled from, for messages
 * @throws OrchestraError as {@link loadPlugin}
 */
export async function importPlugin(file: string, entry: string = file): Promise<Plugin> {
	const exported = await importModule(file, entry);
	const candidate = exported.default;
	if (isPlugin(candidate)) return candidate;
	// A builder that nobody called build() on is a plugin as good as written.
	const build = (candidate as { build?: unknown } | undefined)?.build;
	if (typeof build === 'function') {
		const built: unknown = build.call(candidate);
		if (isPlugin(built)) return built;
	}
	const what = 'default' in exported ? 'its default export is something else' : 'it has no default export';
	throw new OrchestraError('not_a_plugin', `${entry} has no plugin: ${what}`, {
		hint: "Write: export default createPlugin('my.id').registerTool(…).build();",
		details: { path: entry },
	});
}

async function importModule(file: string, entry: string): Promise<Record<string, unknown>> {
	const url = pathToFileURL(file).href;
	let timer: ReturnType<typeof setTimeout> | undefined;
	const expired = new Promise<never>((_, reject) => {
		timer = setTimeout(() => {
			const text = `${entry} did not finish loading within ${evaluateTimeoutMs / 1000} s`;
			reject(new OrchestraError('plugin_load_failed', text, { hint: 'Does it wait at its top level?' }));
		}, evaluateTimeoutMs);
	});
	try {
		return await Promise.race([import(url) as Promise<Record<string, unknown>>, expired]);
	} catch (error) {
		// Typed errors of the builder (a duplicate tool, a bad schema) say more than "could not be loaded".
		if (error instanceof OrchestraError) throw error;
		const text = error instanceof Error ? error.message : String(error);
		throw new OrchestraError('plugin_load_failed', `${entry} could not be loaded: ${text}`, {
			hint: 'The module threw while it was being imported.',
			details: { path: entry, stack: error instanceof Error ? (error.stack ?? '') : '' },
			cause: error,
		});
	} finally {
		clearTimeout(timer);
	}
}
