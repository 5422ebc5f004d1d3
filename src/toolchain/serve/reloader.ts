import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { defaultStartTimeoutMs } from '../../runtime/hosting/plugin-slot.ts';
import type { ReloadResult } from '../../runtime/orchestrator/administration/administration-service.ts';
import type { Orchestrator } from '../../runtime/orchestrator/orchestrator.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { configurationChanges } from '../configuration/configuration-changes.ts';
import { inDependencyOrder } from '../configuration/dependency-order.ts';
import { readConfiguration } from '../configuration/read-configuration.ts';
import { afterDependencies } from './after-dependencies.ts';
import type { SourceAdditions } from './configured-source.ts';
import type { PluginToServe, ServingCluster, SourceContext } from './plugin-to-serve.ts';
import { servedPlugin } from './served-configuration.ts';

/** Milliseconds without a further change of the file before it is read: editors write in several steps. */
const settleMs = 200;

/** Parts that a reloader needs. */
export interface ReloaderOptions {
	readonly orchestrator: Orchestrator;
	readonly context: SourceContext;
	readonly additions: SourceAdditions;
	/** The cluster that the server is a node of. Default: none. */
	readonly cluster?: ServingCluster | undefined;
	/**
	 * Listens where the file says that metrics and health are told, if not nowhere, and says where that is. Default: the file does not decide.
	 *
	 * @throws OrchestraError where it cannot listen there: it stays as it was
	 */
	readonly moveMonitor?: ((to: Configuration['monitor']) => Promise<string | undefined>) | undefined;
	/** Called after each reload that the file brought about. */
	readonly onReload: (result: ReloadResult) => void;
	/** Called where the file cannot be used: nothing has changed then. */
	readonly onFault: (error: OrchestraError) => void;
}

/** Keeps a running server as its configuration file says: touches only what has changed there. */
export class Reloader {
	#configuration: Configuration;
	readonly #options: ReloaderOptions;
	#watcher: FSWatcher | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** One reload after the other. */
	#last: Promise<unknown> = Promise.resolve();

	constructor(configuration: Configuration, options: ReloaderOptions) {
		this.#configuration = configuration;
		this.#options = options;
	}

	/** Reloads whenever the file changes. */
	watch(): void {
		const { file } = this.#configuration;
		try {
			// The folder: an editor replaces the file.
			this.#watcher = watch(dirname(file), (_kind, name) => {
				if (name !== null && name !== basename(file)) return;
				clearTimeout(this.#timer);
				this.#timer = setTimeout(() => void this.reloadAndTell(), settleMs);
			});
			this.#watcher.on('error', () => this.#watcher?.close());
			this.#watcher.unref();
		} catch {
			// A system that cannot watch: SIGHUP and `orchestra reload` remain.
		}
	}

	close(): void {
		clearTimeout(this.#timer);
		this.#watcher?.close();
	}

	/** Reloads, and tells of it. Never rejects. */
	async reloadAndTell(): Promise<void> {
		try {
			const result = await this.reload();
			if (isChange(result)) this.#options.onReload(result);
		} catch (error) {
			this.#options.onFault(OrchestraError.from(error, 'internal'));
		}
	}

	/**
	 * Reads the file and does what is different there.
	 *
	 * @throws OrchestraError `invalid_configuration`; nothing has changed then
	 */
	reload(): Promise<ReloadResult> {
		const next = this.#last.then(() => this.#reload());
		this.#last = next.catch(() => {});
		return next;
	}

	async #reload(): Promise<ReloadResult> {
		const { orchestrator, context, additions, cluster } = this.#options;
		const before = this.#configuration;
		const after = await readConfiguration(before.file);
		const changes = configurationChanges(before, after);
		this.#configuration = after;
		const wasOn = new Set(before.plugins.filter(({ enabled }) => enabled).map(({ id }) => id));
		const touched = new Set([...changes.added, ...changes.changed]);
		const gone = [...changes.removed, ...changes.changed].filter((id) => wasOn.has(id));
		await Promise.all(
			gone.map(async (id) => {
				const slot = orchestrator.slots.find((candidate) => candidate.policy.id === id);
				if (slot) await orchestrator.remove(slot);
			}),
		);
		const next = after.plugins
			.filter(({ id, enabled }) => enabled && touched.has(id))
			.map((plugin) => servedPlugin(plugin, context, additions));
		const plugins = cluster ? await Promise.all(next.map((plugin) => cluster.place(plugin))) : next;
		const failed = await this.#startAll(plugins, after);
		const monitor = await this.#moveMonitor(before, after, failed);
		return {
			added: changes.added,
			removed: changes.removed,
			changed: changes.changed,
			later: changes.keys,
			failed,
			...monitor,
		};
	}

	/** Follows the file where it says another place for the monitor. */
	async #moveMonitor(
		before: Configuration,
		after: Configuration,
		failed: { id: string; message: string }[],
	): Promise<Pick<ReloadResult, 'monitor'>> {
		const { moveMonitor } = this.#options;
		if (!moveMonitor || sameMonitor(before.monitor, after.monitor)) return {};
		try {
			return { monitor: (await moveMonitor(after.monitor)) ?? '' };
		} catch (error) {
			// Read again with the next reload: it may be free by then.
			this.#configuration = { ...after, monitor: before.monitor };
			failed.push({ id: 'monitor', message: (error as Error).message });
			return {};
		}
	}

	async #startAll(
		plugins: readonly PluginToServe[],
		{ rules }: Configuration,
	): Promise<{ id: string; message: string }[]> {
		const { orchestrator } = this.#options;
		const failed: { id: string; message: string }[] = [];
		const starts: Promise<unknown>[] = [];
		for (const { source, id = source.label, dependsOn = [], policy } of inDependencyOrder(plugins)) {
			const dependencies = () => dependsOn.flatMap((other) => orchestrator.slot(other) ?? []);
			const waiting = afterDependencies(source, id, dependencies, rules.failedDependency);
			// The plugins that it waits for have their own time.
			const waitMs = Math.max(0, ...dependencies().map((other) => other.policy.startTimeoutMs ?? 0));
			const startTimeoutMs = waitMs + (policy.startTimeoutMs ?? defaultStartTimeoutMs);
			const slot = orchestrator.add(waiting, {
				...policy,
				id,
				startTimeoutMs,
				claimAfter: starts.at(-1),
			});
			starts.push(
				slot.start().catch((error: Error) => {
					failed.push({ id, message: error.message });
				}),
			);
		}
		await Promise.all(starts);
		return failed;
	}
}

function sameMonitor(a: Configuration['monitor'], b: Configuration['monitor']): boolean {
	return a?.host === b?.host && a?.port === b?.port;
}

function isChange({ added, removed, changed, later, failed, monitor }: ReloadResult): boolean {
	if (monitor !== undefined) return true;
	return added.length + removed.length + changed.length + later.length + failed.length > 0;
}
