import type { HostedPlugin } from '../hosting/hosted-plugin.ts';
import type { PluginSource } from '../hosting/plugin-source.ts';
import { Orchestrator, type OrchestratorOptions } from '../orchestrator/orchestrator.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { retoldError } from '../wire/retold-error.ts';
import { chooseVersion } from './choose-version.ts';
import { connectionTransport } from './connection-transport.ts';
import type { Seam } from './seam.ts';
import { seamClient } from './seam-client.ts';
import type { SeamClient, SeamMethods } from './seam-method.ts';

/** Milliseconds that a plugin gets to say which seams it serves. */
const listTimeoutMs = 10_000;

/** Options of loading a seam. */
export interface LoadSeamOptions {
	/** The id that the plugin has to have. Default: any. */
	readonly id?: string | undefined;
	/** Called with each log entry of the plugin. Default: nobody is told. */
	readonly onLog?: OrchestratorOptions['onLog'];
	/** Called with each line that its process prints. Default: nobody is told. */
	readonly onOutput?: OrchestratorOptions['onOutput'];
}

/** A seam that a plugin serves for this program. Whoever loaded it has to close it. */
export interface LoadedSeam<Methods extends SeamMethods> extends AsyncDisposable {
	/** Client that satisfies the interface. */
	readonly client: SeamClient<Methods>;
	/** The version that both sides have. */
	readonly version: number;
	/** The id of the plugin. */
	readonly plugin: string;
	/** The number of its process; undefined where it has none of its own here. */
	readonly pid: number | undefined;
	/** Aborts when the plugin runs no more: its reason is the error that says why. */
	readonly gone: AbortSignal;
	/** Stops the plugin; one that was running already (`remote`) is only left. Never rejects; a second call does nothing. */
	close(): Promise<void>;
}

/**
 * Starts a plugin, or reaches one that runs, and dispenses a seam of it by name, at the highest version that both have. Where it fails
 * nothing is left running.
 *
 * @param seam one version of the seam, or all that this program knows
 * @throws OrchestraError `seam_not_found`, `seam_version_mismatch`, and what the start came to; the message names seam and plugin
 *
 * @example
 * import { launched, resolveCertsDir } from 'orchestra-toolchain/host';
 * import { loadSeam, storeSeam } from 'orchestra-toolchain/seams';
 *
 * const source = launched({ label: 'store', command: { command: './store-go' }, certsDir: resolveCertsDir() });
 * const store = await loadSeam(storeSeam, source);
 * await store.close();
 */
export async function loadSeam<Methods extends SeamMethods>(
	seam: Seam<Methods> | readonly Seam<Methods>[],
	source: PluginSource,
	{ id, onLog, onOutput }: LoadSeamOptions = {},
): Promise<LoadedSeam<Methods>> {
	const known = Array.isArray(seam) ? (seam as readonly Seam<Methods>[]) : [seam as Seam<Methods>];
	const name = known[0]?.name ?? '';
	const orchestrator = new Orchestrator({ onLog, onOutput });
	try {
		const hosted = await orchestrator.host(withId(source, id), { id });
		const transport = hosted.seams ?? connectionTransport(hosted.connection, hosted.id);
		const plugin = hosted.id === source.label ? hosted.id : `${hosted.id} (${source.label})`;
		const offered = await transport.offered({ timeoutMs: listTimeoutMs });
		const chosen = chooseVersion(known as readonly Seam[], offered, plugin) as unknown as Seam<Methods>;
		return new HostedSeam(seamClient(chosen, transport), chosen.version, hosted, orchestrator);
	} catch (error) {
		await orchestrator.stop({ graceMs: 0 });
		throw loadError(name, source.label, error);
	}
}

/** The same source, for a plugin that has to have an id. */
function withId(source: PluginSource, id: string | undefined): PluginSource {
	if (id === undefined) return source;
	const { label, kind } = source;
	return {
		label,
		kind,
		start: (host, signal) => source.start({ ...host, expectedId: host.expectedId ?? id }, signal),
	};
}

/** The same error, which says besides what was to be started. */
function loadError(seam: string, label: string, thrown: unknown): OrchestraError {
	const error = OrchestraError.from(thrown, 'start_failed');
	if (error.code === 'seam_not_found' || error.code === 'seam_version_mismatch') return error;
	return retoldError(error, `start ${seam} plugin ${JSON.stringify(label)}: ${error.message}`, {
		details: { ...error.details, seam, plugin: label },
	});
}

class HostedSeam<Methods extends SeamMethods> implements LoadedSeam<Methods> {
	readonly client: SeamClient<Methods>;
	readonly version: number;
	readonly plugin: string;
	readonly pid: number | undefined;
	readonly gone: AbortSignal;
	readonly #orchestrator: Orchestrator;

	constructor(
		client: SeamClient<Methods>,
		version: number,
		hosted: HostedPlugin,
		orchestrator: Orchestrator,
	) {
		this.client = client;
		this.version = version;
		this.plugin = hosted.id;
		this.pid = hosted.pid;
		this.#orchestrator = orchestrator;
		const controller = new AbortController();
		this.gone = controller.signal;
		void hosted.ended.then(({ reason, error }) => {
			controller.abort(error ?? new OrchestraError('connection_closed', `plugin ${hosted.id} ${reason}`));
			return this.close();
		});
	}

	close(): Promise<void> {
		return this.#orchestrator.stop({ graceMs: 0 });
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}
}
