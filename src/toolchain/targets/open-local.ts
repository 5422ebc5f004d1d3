import { createClient } from '../../runtime/client/plugin-client.ts';
import type { PluginSource } from '../../runtime/hosting/plugin-source.ts';
import { resolveCertsDir } from '../../runtime/identity/directory/certs-directory.ts';
import { Orchestrator } from '../../runtime/orchestrator/orchestrator.ts';
import { goPluginOf } from './go-plugin-choice.ts';
import { moduleCarrier } from './module-carrier.ts';
import type { OpenedTarget, OpenTargetOptions } from './opened-target.ts';
import type { LocalTarget } from './target.ts';

/**
 * Starts the plugin of a target in an orchestrator of its own: in this process, or in one of its own over descriptors that it inherits or
 * mutual TLS, with the orchestrator behind it that it can call.
 */
export async function openLocal(target: LocalTarget, options: OpenTargetOptions): Promise<OpenedTarget> {
	const { onLog, onOutput, signal } = options;
	const isForeign = target.kind === 'mcp' || goPluginOf(target, options.goPlugin) !== undefined;
	// A go-plugin and an MCP server are called by other means, and do not dial us.
	const isProcess = !isForeign && (target.kind === 'executable' || options.spawn === true);
	// A module in this process needs none, and a user without a home has none.
	const certsDir = isProcess ? resolveCertsDir(options.certsDir) : '';
	const carrier = target.kind === 'module' ? moduleCarrier(options.carrier) : (options.carrier ?? 'quic');
	// Whoever is on a line with us dials nobody.
	const dials = isProcess && (target.kind !== 'module' || carrier !== 'fd');
	const identity = dials ? await openHostIdentity() : undefined;
	const orchestrator = new Orchestrator({ identity, onLog, onOutput });
	const giveUp = () => void orchestrator.stop({ graceMs: 0 });
	signal?.addEventListener('abort', giveUp, { once: true });
	try {
		if (dials) {
			await orchestrator.listen({ carrier: carrier === 'fd' ? 'quic' : carrier, host: '127.0.0.1', port: 0 });
		}
		for (const plugin of options.beside ?? []) await orchestrator.embed(plugin);
		const plugin = await orchestrator.host(await source(), { startTimeoutMs: Number.POSITIVE_INFINITY });
		const client = createClient(orchestrator.connect('cli'), { traceParent: options.traceParent });
		const close = async () => {
			signal?.removeEventListener('abort', giveUp);
			await client.close();
			await orchestrator.stop({ graceMs: 0 });
		};
		return {
			how:
				target.kind === 'mcp' && 'url' in target.settings
					? 'connected'
					: isProcess || isForeign
						? 'spawned'
						: 'embedded',
			client,
			link: plugin.connection,
			get manifests() {
				return [plugin.manifest];
			},
			registered: plugin.registered,
			statuses: [],
			canIssue: target.kind === 'executable' && !isForeign,
			extensions: plugin.extensions,
			orchestrator: false,
			software: plugin.software,
			close,
			[Symbol.asyncDispose]: close,
		};
	} catch (error) {
		signal?.removeEventListener('abort', giveUp);
		await orchestrator.stop({ graceMs: 0 });
		throw error;
	}

	async function openHostIdentity() {
		const { hostIdentity } = await import('./host-identity.ts');
		return hostIdentity(certsDir, onLog);
	}

	async function source(): Promise<PluginSource> {
		const { targetSource } = await import('./target-source.ts');
		return targetSource(target, {
			spawn: options.spawn,
			carrier: isProcess ? carrier : undefined,
			certsDir,
			config: options.config,
			inheritEnv: options.inheritEnv,
			readyTimeoutMs: options.timeoutMs,
			loadTimeoutMs: options.timeoutMs,
			bootTimeoutMs: options.timeoutMs,
			goPlugin: options.goPlugin,
		});
	}
}
