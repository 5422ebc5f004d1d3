import type { Connection } from '../../runtime/carrier/carrier.ts';
import { createClient } from '../../runtime/client/plugin-client.ts';
import type { HostedPlugin, PluginEnd } from '../../runtime/hosting/hosted-plugin.ts';
import type { PluginSource } from '../../runtime/hosting/plugin-source.ts';
import type {
	PluginManifest,
	PromptDefinition,
	ToolDefinition,
} from '../../runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { type Offer, PluginRoute, type RouteWays } from './plugin-route.ts';

/** Milliseconds that a node has to say what a plugin has. */
const listTimeoutMs = 10_000;

/** Milliseconds that the connection to a node may take before it is asked through NATS. */
const connectMs = 1_500;

/** Tools and prompts of a plugin, as a node that runs it says. */
interface Provided {
	readonly manifest: PluginManifest;
	readonly tools: readonly ToolDefinition[];
	readonly prompts: readonly PromptDefinition[];
	readonly software: string;
}

/** A plugin that other nodes run, as a source: while none does it cannot be started. */
export class ClusterSource implements PluginSource {
	readonly label: string;
	readonly kind = 'remote';
	readonly plugin: string;
	readonly #ways: RouteWays;
	#running: ElsewherePlugin | undefined;

	constructor(plugin: string, ways: RouteWays) {
		this.plugin = plugin;
		this.label = `cluster:${plugin}`;
		this.#ways = ways;
	}

	async start(_host: unknown, signal: AbortSignal): Promise<HostedPlugin> {
		const provided = await this.#provided(signal);
		const running = new ElsewherePlugin(this.plugin, this.#ways, provided, () => this.#provided(undefined));
		this.#running = running;
		void running.ended.then(() => {
			if (this.#running === running) this.#running = undefined;
		});
		return running;
	}

	/** Takes note of what nodes offer now; where none does, the plugin has ended. */
	changed(reason: OrchestraError): void {
		const offers = this.#ways.offers(this.plugin);
		if (offers.length === 0) this.#running?.lost(reason);
		else void this.#running?.refresh(offers);
	}

	/** Whether a node runs it now. */
	get isOffered(): boolean {
		return this.#ways.offers(this.plugin).length > 0;
	}

	/** Gives the reason why it is not started or stopped here: who does, and how. */
	notOurs(): OrchestraError {
		const { plugin } = this;
		const records = this.#ways.having(plugin);
		const names = records.map(({ node }) => node);
		const [first] = records;
		const [address] = first?.addresses ?? [];
		const where = names.length === 1 ? `node ${names[0]}` : `nodes ${names.join(', ')}`;
		return new OrchestraError(
			'usage',
			first
				? `plugin ${plugin} is run by ${where}, and is started and stopped there only`
				: `plugin ${plugin} is another node's, and no node of the cluster has it now`,
			{
				hint: first
					? `At ${first.node}: orchestra restart ${plugin}${address ? ` -a ${address}` : ''} (stop and start likewise). Nothing was changed.`
					: 'Nothing was changed. orchestra ps --cluster shows how the nodes stand.',
				details: { plugin, nodes: names },
			},
		);
	}

	async #provided(signal: AbortSignal | undefined): Promise<Provided> {
		const [offer] = this.#ways.offers(this.plugin);
		if (!offer) {
			throw (
				this.#ways.cut() ??
				new OrchestraError('plugin_unavailable', `no node of the cluster runs plugin ${this.plugin}`, {
					retryable: true,
				})
			);
		}
		const client = createClient(await orchestratorOf(offer, this.#ways));
		const options = { timeoutMs: listTimeoutMs, ...(signal ? { signal } : {}) };
		const [tools, prompts, description] = await Promise.all([
			client.listTools(options),
			client.listPrompts(options),
			client.describe(options),
		]);
		const id = this.plugin;
		const described = description?.plugins.find((plugin) => plugin.id === id);
		const { needsEvents: _heardThere, ...manifest } = described ?? { id };
		return {
			manifest,
			tools: tools.filter(({ plugin }) => plugin === id).map(({ unavailable: _now, ...tool }) => tool),
			prompts: prompts.filter(({ plugin }) => plugin === id),
			software: description?.software ?? '',
		};
	}
}

/** A connection to the orchestrator of a node itself. */
export async function orchestratorOf(
	{ record }: Pick<Offer, 'record'>,
	ways: RouteWays,
): Promise<Connection> {
	const direct = await ways.direct?.ready(record, connectMs);
	return direct ?? ways.calls.connection({ plugin: '', version: '', node: record.node });
}

/** A plugin that runs on other nodes, whichever these are. */
class ElsewherePlugin implements HostedPlugin {
	readonly id: string;
	readonly kind = 'remote';
	readonly extensions = false;
	readonly connection: PluginRoute;
	readonly ended: Promise<PluginEnd>;
	readonly #ask: () => Promise<Provided>;
	#provided: Provided;
	#settle: (end: PluginEnd) => void = () => {};
	#onProvides: (() => void) | undefined;
	#offered: string;
	#asking: Promise<void> | undefined;

	constructor(id: string, ways: RouteWays, provided: Provided, ask: () => Promise<Provided>) {
		this.id = id;
		this.connection = new PluginRoute(id, ways);
		this.#provided = provided;
		this.#ask = ask;
		this.#offered = offeredBy(ways.offers(id));
		this.ended = new Promise((resolve) => {
			this.#settle = resolve;
		});
	}

	get manifest(): PluginManifest {
		return this.#provided.manifest;
	}

	get tools(): readonly ToolDefinition[] {
		return this.#provided.tools;
	}

	get prompts(): readonly PromptDefinition[] {
		return this.#provided.prompts;
	}

	get software(): string {
		return this.#provided.software;
	}

	readonly handle: HostedPlugin['handle'] = (exchange) => this.connection.handle(exchange);

	underWay(): ReturnType<PluginRoute['underWay']> {
		return this.connection.underWay();
	}

	onProvidesChange(listener: () => void): void {
		this.#onProvides = listener;
	}

	/** Asks anew what it has, where what nodes offer is another list of names. Never rejects. */
	async refresh(offers: readonly Offer[]): Promise<void> {
		const offered = offeredBy(offers);
		if (offered === this.#offered) return;
		this.#offered = offered;
		this.#asking ??= this.#ask()
			.then(
				(provided) => {
					this.#provided = provided;
					this.#onProvides?.();
				},
				// It is still known to have what it had.
				() => {},
			)
			.finally(() => {
				this.#asking = undefined;
			});
		await this.#asking;
	}

	lost(error: OrchestraError): void {
		void this.connection.close(error);
		this.#settle({ reason: 'unavailable', error });
	}

	async stop(): Promise<void> {
		await this.connection.close();
		this.#settle({ reason: 'stopped' });
	}
}

/** The names in a first offer: those of the others are the same, or they do not fit together anyway. */
function offeredBy([first]: readonly Offer[]): string {
	if (!first) return '';
	const { version, tools, prompts, storage, providers } = first.plugin;
	return JSON.stringify([version, tools, prompts, storage, providers]);
}
