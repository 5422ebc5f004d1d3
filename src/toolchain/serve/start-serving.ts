import type { Address } from '../../runtime/carrier/address.ts';
import { resolveCertsDir } from '../../runtime/identity/directory/certs-dir.ts';
import type { IdentitySource } from '../../runtime/identity/living/identity-source.ts';
import { Orchestrator } from '../../runtime/orchestrator/orchestrator.ts';
import type { LogEntry } from '../../runtime/plugin/definition/log.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { loadPlugin } from '../load/load-plugin.ts';
import { hostIdentity } from '../targets/host-identity.ts';
import { launchHosted } from '../targets/launch-hosted.ts';
import { reachesEveryPlugin } from '../targets/plugin-address.ts';
import { resolveTarget } from '../targets/target.ts';

/** What is served, and where. */
export interface ServeOptions {
	readonly addresses: readonly Address[];
	readonly certsDir?: string | undefined;
	/** Aborting it while plugins are being started gives up; what was started is stopped. */
	readonly signal?: AbortSignal | undefined;
	readonly onLog: (entry: LogEntry) => void;
	readonly onOutput: (label: string, line: string) => void;
}

/**
 * Starts plugins and serves them. All of them, or none: where one cannot start, what was started is stopped.
 *
 * @param words targets: folders, modules, executables
 * @throws OrchestraError what {@link loadPlugin}, {@link launchPlugin}, {@link Orchestrator.embed} and {@link Carrier.listen} throw
 */
export async function startServing(words: readonly string[], options: ServeOptions): Promise<Orchestrator> {
	const targets = words.map(resolveTarget);
	const certsDir = resolveCertsDir(options.certsDir);
	const identity = await hostIdentity(certsDir, options.onLog);
	const orchestrator = new Orchestrator({ identity, onLog: options.onLog });
	try {
		// Listening comes first: a port that is taken should not cost the start of every plugin, and plugins dial back.
		for (const address of options.addresses) await orchestrator.listen(address);
		if (targets.some(({ kind }) => kind === 'executable')) await listenForPlugins(orchestrator, identity);
		for (const [index, target] of targets.entries()) {
			options.signal?.throwIfAborted();
			if (target.kind === 'module') {
				await orchestrator.embed(await loadPlugin(target.entry));
			} else if (target.kind === 'executable') {
				await launchHosted(target, orchestrator, { ...options, certsDir, carrier: 'quic' });
			} else {
				throw new OrchestraError('usage', `${words[index]} is an address: only plugins can be served`, {
					hint: 'Name folders, modules or executables.',
				});
			}
		}
		return orchestrator;
	} catch (error) {
		await orchestrator.stop();
		throw error;
	}
}

/** Executables may be Go plugins: where they could not dial any address that was asked for, there is one more for them. */
async function listenForPlugins(orchestrator: Orchestrator, identity: IdentitySource): Promise<void> {
	if (orchestrator.addresses.some(reachesEveryPlugin)) return;
	try {
		await orchestrator.listen({ carrier: 'quic', host: '127.0.0.1', port: 0 }, identity);
	} catch (error) {
		if (!(error instanceof OrchestraError && error.code === 'carrier_unavailable')) throw error;
	}
}
