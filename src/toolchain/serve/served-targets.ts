import { defaultSupervision } from '../../runtime/hosting/supervision/supervision-policy.ts';
import type { LaunchCarrier } from '../../runtime/launching/plugin-environment.ts';
import { preferring } from '../../runtime/orchestrator/preferring.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { defaultSupervisionTimes } from '../configuration/format-rules.ts';
import { type GoPluginChoice, goPluginOf } from '../targets/go-plugin-choice.ts';
import { moduleDials } from '../targets/module-carrier.ts';
import { resolveTarget } from '../targets/resolve-target.ts';
import type { LocalTarget } from '../targets/target.ts';
import { targetSource } from '../targets/target-source.ts';
import type { ServedSet } from './plugin-to-serve.ts';

/** Options of serving targets. */
export interface TargetsOptions {
	/** Give each module a process of its own. */
	readonly spawn?: boolean | undefined;
	/** Carrier over which processes are reached. Default: see {@link moduleCarrier}; for an executable QUIC. */
	readonly carrier?: LaunchCarrier | undefined;
	/** Ids of plugins that answer for a name that others have too, the first of them first. */
	readonly prefer?: readonly string[] | undefined;
	/** Part of this process's environment that processes see besides the harmless variables. Default: none. */
	readonly inheritEnv?: true | readonly string[] | undefined;
	/** Settings of executables that are go-plugins. Default: as their names say. */
	readonly goPlugin?: GoPluginChoice | undefined;
	/** Values for OnBoot hooks, by the word that names the target; under `*` for all. */
	readonly config?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
}

/**
 * The plugins of targets.
 *
 * @param words folders, modules, executables
 * @throws OrchestraError what {@link resolveTarget} throws; `usage` for an address
 */
export function servedTargets(words: readonly string[], options: TargetsOptions = {}): ServedSet {
	const targets = words.map((word) => ({ word, target: localTarget(word) }));
	if (options.goPlugin && targets.every(({ target }) => target.kind !== 'executable')) {
		throw new OrchestraError('usage', '--cookie is for executables, and none is named');
	}
	return {
		hasProcesses:
			(options.spawn === true && moduleDials(options.carrier)) ||
			targets.some(({ target }) => target.kind === 'executable' && !goPluginOf(target, options.goPlugin)),
		routing: { duplicates: preferring(options.prefer ?? []) },
		failedDependency: 'fail',
		plugins: ({ certsDir }) =>
			Promise.all(
				targets.map(async ({ word, target }) => ({
					policy: { supervision: defaultSupervision },
					source: await targetSource(target, {
						spawn: options.spawn,
						carrier: options.carrier ?? (target.kind === 'module' ? undefined : 'quic'),
						certsDir,
						inheritEnv: options.inheritEnv,
						goPlugin: target.kind === 'executable' ? options.goPlugin : undefined,
						config: { ...options.config?.['*'], ...options.config?.[word] },
						registrationTimeoutMs: defaultSupervisionTimes.registerMs,
					}),
				})),
			),
	};
}

function localTarget(word: string): LocalTarget {
	const target = resolveTarget(word);
	if (target.kind !== 'address') return target;
	throw new OrchestraError('usage', `${word} is an address: only plugins can be served`, {
		hint: 'Name folders, modules or executables, or give the address a place in orchestra.yaml.',
	});
}
