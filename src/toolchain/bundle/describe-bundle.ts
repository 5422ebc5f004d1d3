import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { relayedError } from '../../runtime/wire/relayed-error.ts';
import { findDeno } from '../find-deno.ts';
import { ownRuntime, type RuntimeName, runtimeProgram, runtimeTitle } from '../find-runtime.ts';
import { installedModule } from '../installation.ts';
import type { BuiltPluginDescription } from './build-manifest.ts';
import type { PluginProject } from './project.ts';
import { runProgram } from './run-program.ts';

/** Milliseconds that a bundle may take to be imported, where nothing else is asked for: a top-level await can hang. */
const defaultImportTimeoutMs = 30_000;

const program = installedModule('toolchain/bundle/describe-program');

/** Output of describe-program.ts. */
interface Description {
	readonly plugin?: BuiltPluginDescription;
	readonly fault?: 'no_default_export' | 'no_plugin';
	readonly error?: { message: string; stack?: string; code?: string; hint?: string };
}

/** Options of trying a bundle. */
export interface DescribeOptions {
	/** Its environment. Default: this process's own. */
	readonly env?: Record<string, string> | undefined;
	/** The runtime to try it on, where it is for one. Default: Deno for a Deno project, else the one that we run on. */
	readonly target?: RuntimeName | undefined;
	/** Milliseconds that it may take to be imported. Default 30 s. */
	readonly importTimeoutMs?: number | undefined;
}

/**
 * Imports a bundle in a process of its own and asks the plugin in it what it is: on Deno for a Deno project, else on the
 * runtime that we run on. So a module that prints, hangs or exits does us no harm, and a bundle that lacks something is found
 * out here rather than where it is shipped to.
 *
 * @param bundle where the bundle is, away from any node_modules
 * @throws OrchestraError `not_a_plugin`, `plugin_load_failed`, and what the builder throws: `invalid_plugin`, `invalid_schema`, …
 */
export async function describeBundle(
	project: PluginProject,
	bundle: string,
	{ env, target, importTimeoutMs = defaultImportTimeoutMs }: DescribeOptions = {},
): Promise<BuiltPluginDescription> {
	const answer = join(dirname(bundle), 'description.json');
	const [command, runtime] = runtimeFor(project, target);
	const flags = runtime === 'deno' ? ['run', '-A', '--quiet', '--no-config'] : [];
	const { exit, timedOut, output } = await runProgram(
		command,
		[...flags, program, bundle, answer],
		importTimeoutMs,
		{
			cwd: dirname(bundle),
			...(env ? { env } : {}),
		},
	);
	const found = readAnswer(answer);
	const { entry } = project;
	if (found?.plugin) return found.plugin;
	if (found?.fault) {
		const what =
			found.fault === 'no_plugin' ? 'its default export is something else' : 'it has no default export';
		throw new OrchestraError('not_a_plugin', `${entry} has no plugin: ${what}`, {
			hint: "Write: export default createPlugin('my.id').registerTool(…).build();",
			details: { path: entry },
		});
	}
	const details: JsonObject = { path: entry, ...(output === '' ? {} : { output: output.slice(-4096) }) };
	if (found?.error) {
		const { code, message, hint = 'The module threw while it was being imported.', stack } = found.error;
		if (stack) details.stack = stack;
		const text = code ? message : `${entry} could not be loaded: ${message}`;
		throw relayedError(code ?? 'plugin_load_failed', text, { hint, details });
	}
	const what = timedOut
		? `${entry} did not finish loading within ${importTimeoutMs / 1000} s`
		: `${entry} ended the process that imported it (${exit})`;
	throw new OrchestraError('plugin_load_failed', what, {
		hint: 'While it is being imported, a module must neither call process.exit() nor wait for what never comes.',
		details,
	});
}

/** The program that the bundle is tried on, and what it is. @throws OrchestraError `requirement_unmet` */
function runtimeFor(project: PluginProject, target: RuntimeName | undefined): [string, RuntimeName] {
	if (target !== undefined) {
		return [
			runtimeProgram(target, project.dir, `a build for ${runtimeTitle[target]}, which is tried on it,`),
			target,
		];
	}
	const deno = project.forDeno ? findDeno(project.dir) : undefined;
	return deno === undefined ? [process.execPath, ownRuntime] : [deno, 'deno'];
}

function readAnswer(path: string): Description | undefined {
	try {
		return JSON.parse(readFileSync(path, 'utf8')) as Description;
	} catch {
		return undefined; // The process ended before it answered.
	}
}
