import { pathToFileURL } from 'node:url';
import { noteCompiled } from '../../runtime/hosting/containment/embedded-plugins.ts';
import { isPlugin, type Plugin } from '../../runtime/plugin/definition/plugin.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { isError, messageOf, stackOf } from '../../runtime/wire/thrown-value.ts';
import { assertBuiltForThis } from '../built-for.ts';
import { shownPath } from '../shown-path.ts';
import { authorModule, authorPlace, authorStack } from './author-place.ts';
import { compileModule } from './compile-module.ts';

/** Milliseconds that a module may take to evaluate where nobody says: a top-level await can hang. */
const defaultEvaluateTimeoutMs = 30_000;

/**
 * Imports a plugin's module into this process and returns its default export.
 *
 * @param entry the absolute path of the module, TypeScript or JavaScript
 * @param evaluateTimeoutMs milliseconds that it may take to evaluate; default 30 s
 * @throws OrchestraError `plugin_load_failed` (does not compile, throws, never ends), `not_a_plugin` (no plugin exported),
 * `requirement_unmet` (built for another runtime)
 */
export async function loadPlugin(entry: string, evaluateTimeoutMs?: number): Promise<Plugin> {
	assertBuiltForThis(entry);
	const file = await compileModule(entry);
	noteCompiled(entry, file);
	return importPlugin(file, entry, { evaluateTimeoutMs });
}

/** Options of importing a module. */
export interface ImportOptions {
	/** Tells it from the times before where it is imported again and is to begin anew. */
	readonly version?: number | undefined;
	/** Milliseconds that it may take to evaluate. Default 30 s. */
	readonly evaluateTimeoutMs?: number | undefined;
}

/**
 * Imports a module that this runtime can import as it is.
 *
 * @param file the module
 * @param entry what it was compiled from, for messages
 * @throws OrchestraError as {@link loadPlugin}
 */
export async function importPlugin(
	file: string,
	entry: string = authorModule(file),
	options: ImportOptions = {},
): Promise<Plugin> {
	const exported = await importModule(file, entry, options);
	const plugin = pluginIn(exported.default);
	if (plugin) return plugin;
	const hasDefault = exported.hasDefault ?? 'default' in exported;
	const what = hasDefault ? 'its default export is something else' : 'it has no default export';
	throw new OrchestraError('not_a_plugin', `${entry} has no plugin: ${what}`, {
		hint: "Write: export default createPlugin('my.id').registerTool(…).build();",
		details: { path: entry },
	});
}

/** The plugin that a default export is, or makes. */
function pluginIn(exported: unknown): Plugin | undefined {
	if (isPlugin(exported)) return exported;
	if ((typeof exported !== 'object' && typeof exported !== 'function') || exported === null) return undefined;
	// TypeScript's CommonJS has its default export as a property of what is exported.
	const { build, __esModule, default: inner } = exported as Record<string, unknown>;
	if (__esModule === true) return pluginIn(inner);
	// A builder that nobody called build() on is a plugin as good as written.
	if (typeof build !== 'function') return undefined;
	const built: unknown = build.call(exported);
	return isPlugin(built) ? built : undefined;
}

async function importModule(
	file: string,
	entry: string,
	{ version, evaluateTimeoutMs = defaultEvaluateTimeoutMs }: ImportOptions,
): Promise<Record<string, unknown>> {
	const url = pathToFileURL(file).href + (version === undefined ? '' : `?${version}`);
	let timer: ReturnType<typeof setTimeout> | undefined;
	const expired = new Promise<never>((_, reject) => {
		timer = setTimeout(() => {
			const text = `${entry} did not finish loading within ${evaluateTimeoutMs / 1000} s`;
			reject(
				new OrchestraError('plugin_load_failed', text, {
					hint: 'Does it wait at its top level? Allow more time (--timeout) where it is slow.',
				}),
			);
		}, evaluateTimeoutMs);
	});
	try {
		return await Promise.race([import(url) as Promise<Record<string, unknown>>, expired]);
	} catch (error) {
		// Typed errors of the builder (a duplicate tool, a bad schema) say more than "could not be loaded".
		if (isError(error) && error instanceof OrchestraError) throw error;
		throw loadFailed(entry, error);
	} finally {
		clearTimeout(timer);
	}
}

function loadFailed(entry: string, error: unknown): OrchestraError {
	const text = messageOf(error);
	const stack = isError(error) ? authorStack(stackOf(error)) : '';
	const place = authorPlace(stack);
	const at = place ? `${place.file}:${place.line}:${place.column}: ` : '';
	const frame = place?.frame === undefined ? '' : `\n  ${place.frame.replaceAll('\n', '\n  ')}`;
	return new OrchestraError(
		'plugin_load_failed',
		`${shownPath(entry)} could not be loaded: ${at}${text}${frame}`,
		{
			hint: 'The module threw while it was being imported. Mend it; -v shows the whole stack.',
			details: { path: entry, ...(place && { ...place, frame: place.frame ?? '' }), stack },
			cause: error,
		},
	);
}
