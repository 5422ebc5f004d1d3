import { basename } from 'node:path';
import { embedded } from '../../runtime/hosting/embedded-source.ts';
import type { PluginSource } from '../../runtime/hosting/plugin-source.ts';
import type { LaunchCarrier } from '../../runtime/launching/plugin-environment.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { loadPlugin } from '../load/load-plugin.ts';
import { type GoPluginChoice, goPluginOf } from './go-plugin-choice.ts';
import { moduleCarrier } from './module-carrier.ts';
import type { LocalTarget, Target } from './target.ts';

/** Options of making a source of a target. */
export interface TargetSourceOptions {
	/** Name of the plugin for people before its id is known. Default: the name of its file or folder. */
	readonly label?: string | undefined;
	/** Arguments of a process, before those of the process contract. */
	readonly args?: readonly string[] | undefined;
	/** The working directory of an executable. Default: this process's. */
	readonly cwd?: string | undefined;
	/** Environment variables of a process. */
	readonly env?: Readonly<Record<string, string>> | undefined;
	/** Part of this process's environment that a process sees besides the harmless variables. Default: none. */
	readonly inheritEnv?: boolean | readonly string[] | undefined;
	/** Give a module a process of its own. */
	readonly spawn?: boolean | undefined;
	/** Carrier over which a process is reached. Default: see {@link moduleCarrier}; an executable chooses. */
	readonly carrier?: LaunchCarrier | undefined;
	readonly certsDir: string;
	/** Values for the plugin's OnBoot hook. */
	readonly config?: Readonly<Record<string, string>> | undefined;
	/** Milliseconds for a process to be ready. */
	readonly readyTimeoutMs?: number | undefined;
	/** Milliseconds for a module in this process to be loaded. Default 30 s. */
	readonly loadTimeoutMs?: number | undefined;
	/** Milliseconds for the OnBoot hook of the plugin. Default 30 s. */
	readonly bootTimeoutMs?: number | undefined;
	/** Milliseconds to wait for the registration of a core peer. Default 0. */
	readonly registrationTimeoutMs?: number | undefined;
	/** Settings of an executable that is a go-plugin. Default: as its name says, see {@link goPluginOf}. */
	readonly goPlugin?: GoPluginChoice | undefined;
}

/** Source of the plugin of a target: a module runs in this process, unless it is to have one of its own. */
export async function targetSource(target: LocalTarget, options: TargetSourceOptions): Promise<PluginSource> {
	if (target.kind === 'mcp') return mcpSource(target, options);
	const label = options.label ?? basename(target.kind === 'module' ? target.folder : target.path);
	if (target.kind === 'module' && !options.spawn) {
		const { entry, folder } = target;
		const load = () => {
			target.check?.();
			return loadPlugin(entry, loadTimeoutMs);
		};
		const { config, bootTimeoutMs, loadTimeoutMs } = options;
		return embedded(load, { config, bootTimeoutMs, label, place: { entry, folder } });
	}
	const settings = goPluginOf(target, options.goPlugin);
	if (target.kind === 'executable' && settings) {
		assertNoBoot(label, options.config);
		const { goPlugin } = await import('../../runtime/go-plugin.ts');
		return goPlugin({
			...settings,
			label,
			command: () => {
				target.check?.();
				return { command: target.path, args: options.args, cwd: options.cwd };
			},
			env: options.env,
			inheritEnv: options.inheritEnv,
			handshakeTimeoutMs: options.readyTimeoutMs,
		});
	}
	// Code that starts processes is slow to load: only where one is started.
	const [{ launched }, { pluginCommand }] = await Promise.all([
		import('../../runtime/hosting/launched-source.ts'),
		import('./plugin-command.ts'),
	]);
	return launched({
		label,
		command: async () => {
			target.check?.();
			const command = await pluginCommand(target);
			return {
				...command,
				args: [...command.args, ...(options.args ?? [])],
				cwd: target.kind === 'executable' ? options.cwd : command.cwd,
			};
		},
		certsDir: options.certsDir,
		carrier: target.kind === 'module' ? moduleCarrier(options.carrier) : options.carrier,
		config: options.config,
		env: options.env,
		inheritEnv: options.inheritEnv,
		readyTimeoutMs: options.readyTimeoutMs,
		bootTimeoutMs: options.bootTimeoutMs,
		registrationTimeoutMs: options.registrationTimeoutMs,
	});
}

async function mcpSource(
	{ label, settings, installed }: Extract<Target, { kind: 'mcp' }>,
	options: TargetSourceOptions,
): Promise<PluginSource> {
	const name = options.label ?? label;
	if (Object.keys(options.config ?? {}).length > 0) {
		throw new OrchestraError(
			'usage',
			`${name} is an MCP server, which cannot be booted with a configuration`,
			{
				hint: 'Such servers read their arguments and their environment: leave --config out, and see --env.',
			},
		);
	}
	const { mcpServer } = await import('../../runtime/mcp.ts');
	const common = { label: name, inheritEnv: options.inheritEnv, connectTimeoutMs: options.readyTimeoutMs };
	if (!installed) return mcpServer({ ...common, settings, env: options.env });
	const { server, folder, check } = installed;
	const { serverCommand } = await import('../install/mcp/server-command.ts');
	return {
		label: name,
		kind: 'launched',
		start(host, signal) {
			check();
			const filled = serverCommand(label, server, folder, { ...process.env, ...options.env });
			const env = { ...options.env, ...filled.env };
			return mcpServer({ ...common, settings: filled.settings, env }).start(host, signal);
		},
	};
}

function assertNoBoot(label: string, config: Readonly<Record<string, string>> = {}): void {
	if (Object.keys(config).length === 0) return;
	throw new OrchestraError('usage', `${label} is a go-plugin, which cannot be booted with a configuration`, {
		hint: 'Such plugins read their environment: leave --config out, and see --env (env in orchestra.yaml).',
	});
}
