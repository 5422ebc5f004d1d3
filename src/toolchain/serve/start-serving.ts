import type { Address } from '../../runtime/carrier/address.ts';
import { reachesEveryPlugin } from '../../runtime/hosting/plugin-address.ts';
import type { PluginSlot } from '../../runtime/hosting/plugin-slot.ts';
import { resolveCertsDir } from '../../runtime/identity/directory/certs-dir.ts';
import { Orchestrator } from '../../runtime/orchestrator/orchestrator.ts';
import { preferring } from '../../runtime/orchestrator/preferring.ts';
import type { LogEntry } from '../../runtime/plugin/definition/log.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { hostIdentity } from '../targets/host-identity.ts';
import { resolveTarget } from '../targets/target.ts';
import { type LocalTarget, targetSource } from '../targets/target-source.ts';

/** Milliseconds that a core peer has to register once it is ready: it tells its whole manifest nowhere else. */
const registrationTimeoutMs = 1_000;

/** What is served, and where. */
export interface ServeOptions {
	readonly addresses: readonly Address[];
	readonly certsDir?: string | undefined;
	/** Give each module a process of its own. */
	readonly spawn?: boolean | undefined;
	/** All plugins or none. Default: one that fails is named, and the others are served. */
	readonly strict?: boolean | undefined;
	/** Ids of plugins that answer for a name that others have too, the first of them first. */
	readonly prefer?: readonly string[] | undefined;
	/** What OnBoot hooks get, by the word that names the target; under `*` for all. */
	readonly config?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
	/** Aborting it while plugins are being started gives up; what was started is stopped. */
	readonly signal?: AbortSignal | undefined;
	readonly onLog: (entry: LogEntry) => void;
	readonly onOutput: (label: string, line: string) => void;
	/** Called for each plugin that could not be started. */
	readonly onFailure: (slot: PluginSlot, error: OrchestraError) => void;
}

/**
 * Starts plugins, all at the same time, and serves them.
 *
 * @param words targets: folders, modules, executables
 * @throws OrchestraError what {@link PluginSlot.start} and {@link Carrier.listen} throw, where no plugin could be started, or one of
 * them with `strict`; what was started is stopped then
 */
export async function startServing(words: readonly string[], options: ServeOptions): Promise<Orchestrator> {
	const targets = words.map((word) => localTarget(word));
	const { onLog, onOutput, signal } = options;
	const certsDir = resolveCertsDir(options.certsDir);
	const identity = await hostIdentity(certsDir, onLog);
	const orchestrator = new Orchestrator({
		identity,
		onLog,
		onOutput,
		duplicates: preferring(options.prefer ?? []),
	});
	const giveUp = () => void orchestrator.stop({ graceMs: 0 });
	signal?.addEventListener('abort', giveUp, { once: true });
	try {
		// Listening comes first: a port that is taken should not cost the start of every plugin, and plugins dial back.
		for (const address of options.addresses) await orchestrator.listen(address);
		if (options.spawn || targets.some(({ target }) => target.kind === 'executable')) {
			await listenForPlugins(orchestrator);
		}
		const starts: { slot: PluginSlot; started: Promise<unknown> }[] = [];
		for (const { word, target } of targets) {
			signal?.throwIfAborted();
			const source = await targetSource(target, {
				spawn: options.spawn,
				carrier: 'quic',
				certsDir,
				config: { ...options.config?.['*'], ...options.config?.[word] },
				registrationTimeoutMs,
			});
			const slot = orchestrator.add(source, { claimAfter: starts.at(-1)?.started });
			starts.push({ slot, started: slot.start() });
		}
		await settleAll(starts, options);
		return orchestrator;
	} catch (error) {
		await orchestrator.stop({ graceMs: 0 });
		throw error;
	} finally {
		signal?.removeEventListener('abort', giveUp);
	}
}

/** Waits until each plugin runs or has failed. */
async function settleAll(
	starts: readonly { slot: PluginSlot; started: Promise<unknown> }[],
	{ strict = false, onFailure, signal }: ServeOptions,
): Promise<void> {
	const failures: OrchestraError[] = [];
	await Promise.all(
		starts.map(({ slot, started }) =>
			started.catch((thrown: unknown) => {
				const error = OrchestraError.from(thrown, 'start_failed');
				failures.push(error);
				if (strict) throw error;
				if (starts.length > 1 && !signal?.aborted) onFailure(slot, error);
			}),
		),
	);
	const [first] = failures;
	if (first && failures.length === starts.length) throw first;
}

function localTarget(word: string): { word: string; target: LocalTarget } {
	const target = resolveTarget(word);
	if (target.kind !== 'address') return { word, target };
	throw new OrchestraError('usage', `${word} is an address: only plugins can be served`, {
		hint: 'Name folders, modules or executables.',
	});
}

/** Plugins may be Go plugins: where they could not dial any address that was asked for, there is one more for them. */
async function listenForPlugins(orchestrator: Orchestrator): Promise<void> {
	if (orchestrator.addresses.some(reachesEveryPlugin)) return;
	try {
		await orchestrator.listen({ carrier: 'quic', host: '127.0.0.1', port: 0 });
	} catch (error) {
		if (!(error instanceof OrchestraError && error.code === 'carrier_unavailable')) throw error;
	}
}
