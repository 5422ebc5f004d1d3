import { basename } from 'node:path';
import { embedded } from '../../runtime/hosting/embedded-source.ts';
import type { PluginSource } from '../../runtime/hosting/plugin-source.ts';
import { loadPlugin } from '../load/load-plugin.ts';
import type { Target } from './target.ts';

/** A target that is started, rather than connected to. */
export type LocalTarget = Exclude<Target, { kind: 'address' }>;

/** How a target becomes a source. */
export interface TargetSourceOptions {
	/** Give a module a process of its own. */
	readonly spawn?: boolean | undefined;
	/** What a process listens on. Default: its own choice. */
	readonly carrier?: 'quic' | 'tcp' | undefined;
	readonly certsDir: string;
	/** What the plugin's OnBoot hook gets. */
	readonly config?: Readonly<Record<string, string>> | undefined;
	/** Milliseconds for a process to be ready. */
	readonly readyTimeoutMs?: number | undefined;
	/** Milliseconds to wait for the registration of a core peer. Default 0. */
	readonly registrationTimeoutMs?: number | undefined;
}

/** Where the plugin of a target comes from: a module runs in this process, unless it is to have one of its own. */
export async function targetSource(target: LocalTarget, options: TargetSourceOptions): Promise<PluginSource> {
	const label = basename(target.kind === 'module' ? target.folder : target.path);
	if (target.kind === 'module' && !options.spawn) {
		return embedded(() => loadPlugin(target.entry), { config: options.config, label });
	}
	// What starts processes is slow to load: only where one is started.
	const [{ launched }, { pluginCommand }] = await Promise.all([
		import('../../runtime/hosting/launched-source.ts'),
		import('./plugin-command.ts'),
	]);
	return launched({
		label,
		command: () => pluginCommand(target),
		certsDir: options.certsDir,
		carrier: options.carrier,
		config: options.config,
		// A person who starts a plugin by hand expects it to see what a shell would give it.
		inheritEnv: true,
		readyTimeoutMs: options.readyTimeoutMs,
		registrationTimeoutMs: options.registrationTimeoutMs,
	});
}
