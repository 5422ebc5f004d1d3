import type { ExecHandler } from '../../exec/exec-handler.ts';
import type { ServedService } from '../../services/service-server.ts';
import type { PluginManifest } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { messageOf } from '../../wire/thrown-value.ts';
import type { RunOptions } from '../process/run-options.ts';
import { exportPlugin } from './export-plugin.ts';
import type { ExportedPlugin } from './exported-plugin.ts';
import type { Lifecycle } from './lifecycle.ts';
import { type Plugin, type PluginSettings, pluginBrand, pluginInterfaceVersion } from './plugin.ts';
import type { Prompt } from './prompt.ts';
import type { Hook } from './session/hook.ts';
import type { Operation } from './session/operation.ts';
import type { SessionPluginFactory } from './session/session-plugin.ts';
import type { StorageHandler } from './storage-handler.ts';
import type { Subscription } from './subscription.ts';
import type { Tool } from './tool.ts';

/** Parts that a builder has gathered. */
export interface PluginParts {
	readonly manifest: PluginManifest;
	readonly tools: ReadonlyMap<string, Tool>;
	readonly prompts: ReadonlyMap<string, Prompt>;
	readonly subscriptions: readonly Subscription[];
	readonly storageHandler: StorageHandler | undefined;
	readonly lifecycle: Lifecycle;
	readonly settings: PluginSettings;
	readonly hooks: readonly Hook[];
	readonly operations: readonly Operation[];
	readonly sessionPlugins: readonly SessionPluginFactory[];
	readonly execs: readonly ExecHandler[];
	readonly seams: readonly ServedService[];
}

/** Result of {@link PluginBuilder.build}: a snapshot of its builder. */
export class BuiltPlugin implements Plugin {
	readonly [pluginBrand] = pluginInterfaceVersion;
	readonly id: string;
	readonly tools: ReadonlyMap<string, Tool>;
	readonly prompts: ReadonlyMap<string, Prompt>;
	readonly subscriptions: readonly Subscription[];
	readonly storageHandler: StorageHandler | undefined;
	readonly lifecycle: Lifecycle;
	readonly settings: PluginSettings;
	readonly hooks: readonly Hook[];
	readonly operations: readonly Operation[];
	readonly sessionPlugins: readonly SessionPluginFactory[];
	readonly execs: readonly ExecHandler[];
	readonly seams: readonly ServedService[];
	readonly #manifest: PluginManifest;

	constructor(parts: PluginParts) {
		this.id = parts.manifest.id ?? '';
		this.tools = new Map(parts.tools);
		this.prompts = new Map(parts.prompts);
		this.subscriptions = [...parts.subscriptions];
		this.storageHandler = parts.storageHandler;
		this.lifecycle = parts.lifecycle;
		this.settings = { ...parts.settings };
		this.hooks = [...parts.hooks];
		this.operations = [...parts.operations];
		this.sessionPlugins = [...parts.sessionPlugins];
		this.execs = [...parts.execs];
		this.seams = [...parts.seams];
		this.#manifest = structuredClone(parts.manifest);
	}

	get manifest(): PluginManifest {
		return structuredClone(this.#manifest);
	}

	async check(): Promise<void> {
		const checks = await Promise.allSettled([...this.tools.values()].map((tool) => tool.input.check()));
		const failed = checks
			.filter((check) => check.status === 'rejected')
			.map((check) => check.reason as unknown);
		if (failed.length === 0) return;
		if (failed.length === 1) throw failed[0];
		const texts = failed.map((reason) => messageOf(reason));
		throw new OrchestraError('invalid_schema', texts.join('; '), { cause: new AggregateError(failed) });
	}

	export(): ExportedPlugin {
		return exportPlugin(this);
	}

	async run(options?: RunOptions): Promise<void> {
		// Loaded here: a plugin that is embedded needs nothing of it.
		const { runPlugin } = await import('../process/run-plugin.ts');
		await runPlugin(this, options);
	}
}
