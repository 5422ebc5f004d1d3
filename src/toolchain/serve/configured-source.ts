import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { HostedPlugin } from '../../runtime/hosting/hosted-plugin.ts';
import type { PluginSource } from '../../runtime/hosting/plugin-source.ts';
import type { LaunchCarrier } from '../../runtime/launching/plugin-environment.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { ConfiguredSource, PluginConfiguration } from '../configuration/configuration.ts';
import { defaultSupervisionTimes } from '../configuration/format-rules.ts';
import { revealAll } from '../configuration/secret.ts';
import { findLock } from '../install/project/lock-file.ts';
import { findInstalledTarget } from '../targets/local-target.ts';
import { resolveTarget } from '../targets/resolve-target.ts';
import type { LocalTarget } from '../targets/target.ts';
import { targetSource } from '../targets/target-source.ts';
import type { SourceContext } from './plugin-to-serve.ts';
import { providingAlso } from './providing-also.ts';

/** Settings that a command line adds to a configuration. */
export interface SourceAdditions {
	/** Give each module a process of its own. */
	readonly spawn?: boolean | undefined;
	/** Carrier of the processes of modules, where the file does not say. */
	readonly carrier?: LaunchCarrier | undefined;
	/** Part of the server's environment that processes see, besides what the file says. */
	readonly inheritEnv?: true | readonly string[] | undefined;
	/** Boot configuration for all plugins that are started here; it wins over the file's. */
	readonly config?: Readonly<Record<string, string>> | undefined;
}

/** Sources that we run ourselves. */
type LocalSource = Extract<ConfiguredSource, { kind: 'module' | 'binary' }>;

/**
 * Source of a configured plugin. Its path is looked up at each start, so that a plugin whose file is
 * missing fails alone and starts once it is there.
 */
export function configuredSource(
	plugin: PluginConfiguration,
	context: SourceContext,
	additions: SourceAdditions,
): PluginSource {
	const { id, source, providesStorage, providesAi } = plugin;
	// An executable calls itself what it likes; the slot keeps it to that. The others have to be what the file says.
	const isFree =
		source.kind === 'binary' || (source.kind === 'address' && source.address.carrier === 'tcp+plain');
	return {
		label: id,
		kind: kindOf(plugin, additions),
		async start(host, signal) {
			const inner = await innerSource(plugin, context, additions);
			const expectedId = host.expectedId ?? (isFree ? undefined : id);
			const hosted = await inner.start({ ...host, expectedId }, signal);
			if (hosted.id !== id && host.expectedId === undefined) {
				host.log({ level: 'info', plugin: id, message: `it calls itself ${hosted.id}` });
			}
			return providingAlso(hosted, { providesStorage, providesAi });
		},
	};
}

function kindOf({ source }: PluginConfiguration, { spawn = false }: SourceAdditions): HostedPlugin['kind'] {
	if (source.kind === 'address') return 'remote';
	if (source.kind === 'mcp') return source.url === undefined ? 'launched' : 'remote';
	return source.kind === 'module' && !source.spawn && !spawn ? 'embedded' : 'launched';
}

async function innerSource(
	{ id, source, process, config, supervision }: PluginConfiguration,
	{ certsDir, identity }: SourceContext,
	additions: SourceAdditions,
): Promise<PluginSource> {
	if (source.kind === 'address') {
		const { remote } = await import('../../runtime/hosting/remote-source.ts');
		return remote({ address: source.address, identity: await identity() });
	}
	if (source.kind === 'mcp') {
		const { mcpServer } = await import('../../runtime/mcp.ts');
		const { command, args, cwd, url } = source;
		return mcpServer({
			label: id,
			settings:
				url === undefined
					? { command: command ?? '', args, cwd }
					: { url, headers: revealAll(source.headers) },
			env: revealAll(source.env),
			inheritEnv: inherited(process.inheritEnv, additions.inheritEnv),
			// Its command may have to fetch it first.
			connectTimeoutMs:
				supervision.readyMs === defaultSupervisionTimes.readyMs ? undefined : supervision.readyMs,
		});
	}
	return targetSource(configuredTarget(id, source), {
		label: id,
		spawn: source.kind === 'module' && (source.spawn || additions.spawn),
		carrier: process.carrier ?? (source.kind === 'module' ? additions.carrier : undefined),
		args: process.args,
		cwd: process.cwd,
		env: revealAll(process.env),
		inheritEnv: inherited(process.inheritEnv, additions.inheritEnv),
		certsDir,
		config: { ...revealAll(config), ...additions.config },
		readyTimeoutMs: supervision.readyMs,
		bootTimeoutMs: supervision.bootMs,
		registrationTimeoutMs: supervision.registerMs,
		goPlugin: source.kind === 'binary' ? source.goPlugin : undefined,
	});
}

function inherited(...each: (true | readonly string[] | undefined)[]): true | readonly string[] {
	if (each.includes(true)) return true;
	return each.flatMap((names) => (names === undefined || names === true ? [] : names));
}

/** The module or program that a configuration means. @throws OrchestraError `not_a_plugin`, and what {@link resolveTarget} throws */
export function configuredTarget(id: string, source: LocalSource): LocalTarget {
	const installed = existsSync(source.path) ? undefined : installedTarget(source);
	if (installed?.kind === 'mcp') return installed;
	if (source.kind === 'binary') {
		if (installed?.kind !== 'module') return installed ?? { kind: 'executable', path: source.path };
		throw new OrchestraError('not_a_plugin', `the installed plugin ${source.installed} is a module`, {
			hint: 'Configure it as module.',
		});
	}
	const target = installed ?? resolveTarget(source.path);
	if (target.kind === 'module') return target;
	const what = target.kind === 'executable' ? target.path : source.path;
	throw new OrchestraError('not_a_plugin', `the module of plugin ${id}, ${what}, is no module`, {
		hint: 'Configure it as binary.',
	});
}

/** The plugin that is installed under the word of the file; its lock is that of the project around the file. */
function installedTarget({ path, installed }: LocalSource): LocalTarget | undefined {
	if (installed === undefined) return undefined;
	return findInstalledTarget(installed, { project: findLock(dirname(path)) });
}
