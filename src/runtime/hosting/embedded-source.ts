import { connectInProcess } from '../carrier/memory/memory-connection.ts';
import { createClient } from '../client/plugin-client.ts';
import type { Plugin } from '../plugin/definition/plugin.ts';
import { servicesOver } from '../plugin/process/services-over.ts';
import { createDispatcher } from '../plugin/serving/dispatcher.ts';
import { softwareName } from '../plugin/serving/software.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { addEmbedded, type CodePlace } from './containment/embedded-plugins.ts';
import type { HostedPlugin, PluginEnd } from './hosted-plugin.ts';
import type { PluginHost, PluginSource } from './plugin-source.ts';
import { untilAborted } from './until-aborted.ts';

/** Options of embedding a plugin. */
export interface EmbeddedOptions {
	/** Values for its OnBoot hook. */
	readonly config?: Readonly<Record<string, string>> | undefined;
	/** Milliseconds that its OnBoot hook may take. Default 30 s. */
	readonly bootTimeoutMs?: number | undefined;
	/** Name for people before its id is known. Default: the id of a plugin that is given, `module` for one to be loaded. */
	readonly label?: string | undefined;
	/** Location of its code, so that stray work of it is told under its name. */
	readonly place?: CodePlace | undefined;
}

/**
 * A plugin that runs in this process, or what loads one: it is loaded anew at each start.
 *
 * @example
 * import type { Plugin } from 'orchestra-toolchain';
 * import { embedded, Orchestrator } from 'orchestra-toolchain/host';
 *
 * declare const plugin: Plugin;
 * await using orchestrator = new Orchestrator();
 * const { id } = await orchestrator.host(embedded(plugin, { config: { region: 'north' } }));
 * console.log(`${id} runs`);
 */
export function embedded(
	plugin: Plugin | (() => Promise<Plugin>),
	{ config = {}, bootTimeoutMs, label, place }: EmbeddedOptions = {},
): PluginSource {
	const load = typeof plugin === 'function' ? plugin : () => Promise.resolve(plugin);
	const name = label ?? (typeof plugin === 'function' ? 'module' : plugin.id);
	return {
		label: name,
		kind: 'embedded',
		async start(host, signal) {
			const code = addEmbedded(name, place);
			try {
				// A module that never finishes loading is left to itself.
				const loaded = await untilAborted(load(), signal, () => startCancelled(name, signal));
				code.loaded(loaded);
				const hosted = await embedPlugin(loaded, { config, bootTimeoutMs }, host, signal);
				void hosted.ended.then(() => code.end());
				return hosted;
			} catch (error) {
				code.end();
				throw error;
			}
		},
	};
}

/** Boots a plugin in this process. @throws OrchestraError as a source does; nothing is left then */
export async function embedPlugin(
	plugin: Plugin,
	{ config = {}, bootTimeoutMs }: Pick<EmbeddedOptions, 'config' | 'bootTimeoutMs'>,
	host: PluginHost,
	signal: AbortSignal,
): Promise<HostedPlugin> {
	const { id } = plugin;
	const { expectedId } = host;
	if (expectedId !== undefined && id !== expectedId) {
		throw new OrchestraError('identity_mismatch', `the module exports plugin ${id}, not ${expectedId}`, {
			hint: 'Correct the id where the plugin is configured, or in its module.',
			details: { expected: expectedId, got: id },
		});
	}
	const outward = host.connect(plugin.manifest);
	const client = createClient(outward);
	const dispatcher = createDispatcher(
		plugin,
		servicesOver(client, (entry) => host.log(entry)),
	);
	const connection = connectInProcess(dispatcher.handle, { callerName: 'orchestrator', plugin: id });
	const inward = createClient(connection);
	let stopping: Promise<void> | undefined;
	let asked = false;
	const ended = dispatcher.ended.then(async (): Promise<PluginEnd> => {
		await Promise.all([connection.close(), outward.close()]);
		return { reason: asked ? 'stopped' : 'exited' };
	});
	const stop = (): Promise<void> => {
		asked = true;
		stopping ??= dispatcher.shutdown().then(() => ended.then(() => {}));
		return stopping;
	};
	try {
		await untilAborted(dispatcher.boot(config, bootTimeoutMs), signal, () => startCancelled(id, signal));
		const [tools, prompts] = await Promise.all([inward.listTools(), inward.listPrompts()]);
		return {
			id,
			kind: 'embedded',
			manifest: plugin.manifest,
			tools,
			prompts,
			software: softwareName,
			extensions: true,
			handle: dispatcher.handle,
			connection,
			ended,
			underWay: () => dispatcher.underWay(),
			stop,
		};
	} catch (error) {
		await stop();
		throw OrchestraError.from(error, 'boot_failed', `${id} could not boot`);
	}
}

function startCancelled(id: string, signal: AbortSignal): OrchestraError {
	return new OrchestraError('cancelled', `the start of ${id} was given up`, { cause: signal.reason });
}
