import type { Address } from '../../runtime/carrier/address.ts';
import { reachesEveryPlugin } from '../../runtime/hosting/plugin-address.ts';
import { defaultStartTimeoutMs, type PluginSlot } from '../../runtime/hosting/plugin-slot.ts';
import { resolveCertsDir } from '../../runtime/identity/directory/certs-directory.ts';
import type { IdentitySource } from '../../runtime/identity/sources/identity-source.ts';
import { accessControl, operatorsOf } from '../../runtime/orchestrator/access.ts';
import {
	type AdministrationOptions,
	defaultOperators,
	serveAdministration,
} from '../../runtime/orchestrator/administration/administration.ts';
import type { DuplicateRule } from '../../runtime/orchestrator/name-table.ts';
import { Orchestrator } from '../../runtime/orchestrator/orchestrator.ts';
import type { LogEntry } from '../../runtime/plugin/definition/log.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { inDependencyOrder } from '../configuration/dependency-order.ts';
import { authorLogText } from '../load/author-log.ts';
import { hostIdentity } from '../targets/host-identity.ts';
import { afterDependencies } from './after-dependencies.ts';
import { nodeIdentity } from './node-identity.ts';
import type { PluginToServe, ServedSet, ServingCluster, SourceContext } from './plugin-to-serve.ts';

/** Addresses at which plugins are served, and listeners for what happens. */
export interface StartServingOptions {
	readonly addresses: readonly Address[];
	readonly certsDir?: string | undefined;
	/** All plugins or none. Default: one that fails is named, and the others are served. */
	readonly strict?: boolean | undefined;
	/** Serve, even where none of them can be started: somebody mends that. Default false. */
	readonly staysUp?: boolean | undefined;
	/** Aborting it while plugins are being started gives up; what was started is stopped. */
	readonly signal?: AbortSignal | undefined;
	/** Reads the configuration of the server again. */
	readonly administration?: Pick<AdministrationOptions, 'reload'> | undefined;
	/** Called once with what further sources can be made with. */
	readonly onContext?: ((context: SourceContext) => void) | undefined;
	/** The cluster that the server is a node of. Default: none. */
	readonly cluster?: ServingCluster | undefined;
	readonly onLog: (entry: LogEntry) => void;
	readonly onOutput: (label: string, line: string) => void;
	/** Called for each plugin that could not be started. */
	readonly onFailure: (slot: PluginSlot, error: OrchestraError) => void;
}

/** A plugin that is being started. */
interface Start {
	readonly slot: PluginSlot;
	readonly started: Promise<unknown>;
	/** Milliseconds that it may take, with all that it waits for. */
	readonly timeoutMs: number;
}

/**
 * Starts plugins, all at the same time but for those that depend on others, and serves them.
 *
 * @throws OrchestraError what {@link PluginSlot.start} and {@link Carrier.listen} throw, where no plugin could be started, or one of
 * them with `strict`; what was started is stopped then
 */
export async function startServing(set: ServedSet, options: StartServingOptions): Promise<Orchestrator> {
	const { onLog, onOutput, signal, cluster } = options;
	const certsDir = resolveCertsDir(options.certsDir);
	// A server that listens nowhere and dials nobody needs no certificate, and makes no CA.
	let opened: Promise<IdentitySource> | undefined;
	const openIdentity = () => {
		opened ??= cluster ? nodeIdentity(certsDir, onLog, cluster.node) : hostIdentity(certsDir, onLog);
		return opened;
	};
	const identity =
		options.addresses.length > 0 || set.hasProcesses || cluster ? await openIdentity() : undefined;
	const { access } = set;
	const operators = access ? operatorsOf(access.operators, access.rules) : defaultOperators;
	const orchestrator = new Orchestrator({
		identity,
		onLog,
		onOutput,
		keptText: authorLogText,
		nodes: access?.nodes,
		operators,
		strict: access?.strict,
		...set.routing,
		...(cluster ? { bus: cluster.bus, duplicates: preferringLocal(cluster, set.routing.duplicates) } : {}),
	});
	if (!identity) {
		orchestrator.onChange(({ kind }) => {
			if (kind === 'stopping') void opened?.then((source) => source.close());
		});
	}
	const onDenied = (message: string) => onLog({ level: 'warn', plugin: 'orchestrator', message });
	if (access && access.rules.length > 0) {
		orchestrator.intercept(accessControl(access.rules, onDenied));
	}
	orchestrator.provide(serveAdministration(orchestrator, { ...options.administration, operators, onDenied }));
	const giveUp = () => void orchestrator.stop({ graceMs: 0 });
	signal?.addEventListener('abort', giveUp, { once: true });
	try {
		const context = { certsDir, identity: openIdentity };
		options.onContext?.(context);
		let plugins = await set.plugins(context);
		// Listening comes before the starts: a port that is taken should not cost the start of every plugin, and plugins dial back. Who calls
		// from then on is told that they are being started.
		for (const address of options.addresses) await orchestrator.listen(address);
		if (set.hasProcesses) await listenForPlugins(orchestrator);
		if (cluster && identity) {
			const ids = plugins.flatMap(({ id }) => id ?? []);
			await cluster.attach(orchestrator, identity, operators, ids);
			plugins = await Promise.all(plugins.map((plugin) => cluster.place(plugin)));
		}
		signal?.throwIfAborted();
		await settleAll(startAll(orchestrator, plugins, set), options);
		cluster?.started();
		return orchestrator;
	} catch (error) {
		await orchestrator.stop({ graceMs: 0 });
		throw error;
	} finally {
		signal?.removeEventListener('abort', giveUp);
	}
}

/** Decides between several plugins with one name: the one that runs here answers, where nothing else is said. */
function preferringLocal(cluster: ServingCluster, rule: DuplicateRule | undefined): DuplicateRule {
	return (kind, name, slots) => {
		const here = slots.filter(({ source }) => !cluster.isElsewhere(source));
		return rule?.(kind, name, slots) ?? (here.length === 1 ? here[0] : undefined);
	};
}

function startAll(orchestrator: Orchestrator, plugins: readonly PluginToServe[], set: ServedSet): Start[] {
	const starts: Start[] = [];
	const byId = new Map<string, Start>();
	// Each takes its names after the one before it, so none may wait for one behind it.
	for (const { source, id, dependsOn = [], policy } of inDependencyOrder(plugins)) {
		// The plugins that it waits for have their own time.
		const waitMs = Math.max(0, ...dependsOn.map((other) => byId.get(other)?.timeoutMs ?? 0));
		const timeoutMs = waitMs + (policy.startTimeoutMs ?? defaultStartTimeoutMs);
		const dependencies = () => dependsOn.flatMap((other) => orchestrator.slot(other) ?? []);
		const slot = orchestrator.add(
			dependsOn.length === 0
				? source
				: afterDependencies(source, id ?? source.label, dependencies, set.failedDependency),
			{ ...policy, id, startTimeoutMs: timeoutMs, claimAfter: starts.at(-1)?.started },
		);
		const start: Start = { slot, timeoutMs, started: slot.start() };
		starts.push(start);
		if (id !== undefined) byId.set(id, start);
	}
	return starts;
}

/** Waits until each plugin runs or has failed. */
async function settleAll(
	starts: readonly Start[],
	{ strict = false, cluster, staysUp = cluster !== undefined, onFailure, signal }: StartServingOptions,
): Promise<void> {
	const failures: OrchestraError[] = [];
	await Promise.all(
		starts.map(({ slot, started }) =>
			started.catch((thrown: unknown) => {
				const error = OrchestraError.from(thrown, 'start_failed');
				failures.push(error);
				if (strict) throw error;
				if ((starts.length > 1 || staysUp) && !signal?.aborted) onFailure(slot, error);
			}),
		),
	);
	const [first] = failures;
	if (first && failures.length === starts.length && !staysUp) throw first;
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
