import { noteCompiled } from '../../runtime/hosting/containment/embedded-plugins.ts';
import { embedded } from '../../runtime/hosting/embedded-source.ts';
import type { HostedPlugin } from '../../runtime/hosting/hosted-plugin.ts';
import type { PluginHost, PluginSource } from '../../runtime/hosting/plugin-source.ts';
import type { LaunchCarrier } from '../../runtime/launching/plugin-environment.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { importPlugin } from '../load/load-plugin.ts';
import { moduleCarrier } from '../targets/module-carrier.ts';
import type { CodeVersion, PluginCode } from './plugin-code.ts';

/** Options of running the versions of a plugin. */
export interface DevSourceOptions {
	/** Name for people before its id is known. */
	readonly label: string;
	/** Give each version a process of its own. */
	readonly spawn: boolean;
	/** Carrier over which those processes are reached. Default: see {@link moduleCarrier}. */
	readonly carrier?: LaunchCarrier | undefined;
	/** Let a debugger attach to each process. */
	readonly inspect: boolean;
	/** Values for the plugin's OnBoot hook. */
	readonly config: Readonly<Record<string, string>>;
	/** Part of this process's environment that a process sees besides the harmless variables. */
	readonly inheritEnv: true | readonly string[];
}

/**
 * Source of the versions of a plugin that is being written: a start takes the version that was offered last, and where that does
 * not start, the next one takes the last that did.
 */
export class DevSource implements PluginSource {
	readonly label: string;
	readonly kind: HostedPlugin['kind'];
	/** Certificates directory of its processes; set before the first start. */
	certsDir = '';
	readonly #code: PluginCode;
	readonly #options: DevSourceOptions;
	#offered: CodeVersion | undefined;
	#good: CodeVersion | undefined;
	/** Error for want of a version that could be started. */
	#fault: OrchestraError | undefined;

	constructor(code: PluginCode, options: DevSourceOptions) {
		this.label = options.label;
		this.kind = options.spawn ? 'launched' : 'embedded';
		this.#code = code;
		this.#options = options;
	}

	/** The version that started last. */
	get good(): CodeVersion | undefined {
		return this.#good;
	}

	/** Lets the next start take a version. */
	offer(version: CodeVersion): void {
		this.#offered = version;
	}

	/** Sets the error for want of a version to start with. */
	lacks(fault: OrchestraError): void {
		this.#fault = fault;
	}

	async start(host: PluginHost, signal: AbortSignal): Promise<HostedPlugin> {
		const version = this.#offered ?? this.#good;
		this.#offered = undefined;
		if (!version) throw this.#fault ?? new OrchestraError('internal', 'there is nothing to start yet');
		const source = await this.#sourceOf(version);
		const plugin = await source.start(host, signal);
		this.#good = version;
		return plugin;
	}

	async #sourceOf({ file, number }: CodeVersion): Promise<PluginSource> {
		const { label, config, spawn } = this.#options;
		const { entry, folder } = this.#code.target;
		if (!spawn) {
			if (file === undefined) throw new OrchestraError('internal', 'there is no compiled module');
			noteCompiled(entry, file);
			// Anew, also where the same code ran before: what it kept in its module must not come back.
			return embedded(() => importPlugin(file, entry, { version: number }), {
				config,
				label,
				place: { entry, folder },
			});
		}
		const [{ launched }, { pluginCommand }] = await Promise.all([
			import('../../runtime/hosting/launched-source.ts'),
			import('../targets/plugin-command.ts'),
		]);
		const { inspect, inheritEnv } = this.#options;
		const { certsDir } = this;
		return launched({
			label,
			config,
			certsDir,
			inheritEnv,
			carrier: moduleCarrier(this.#options.carrier),
			command: () => pluginCommand(this.#code.target, { compiled: file, inspect }),
		});
	}
}
