import type { IncomingExchange } from '../../runtime/carrier/incoming-exchange.ts';
import type { HostedPlugin } from '../../runtime/hosting/hosted-plugin.ts';
import { ownErrorResponse } from '../../runtime/hosting/own-error-response.ts';
import type { PluginHost, PluginSource } from '../../runtime/hosting/plugin-source.ts';
import type { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { ClusterSource } from './cluster-source.ts';

/** Decisions on where a placed plugin runs. */
export interface PlacedWays {
	/** Whether it is this node's to run now. */
	holds(): boolean;
	/** Gives the fault of a call that may not be served here; undefined where it may. It may add what goes with the call. */
	admit(exchange: IncomingExchange): OrchestraError | undefined;
	/** Settles when it runs here or elsewhere, or after a while. Never rejects. */
	decided(signal: AbortSignal): Promise<void>;
}

/** A plugin that this node runs where it is its turn; else it is where it runs elsewhere. */
export class PlacedSource implements PluginSource {
	readonly label: string;
	readonly here: PluginSource;
	readonly elsewhere: ClusterSource;
	readonly #ways: PlacedWays;

	constructor(here: PluginSource, elsewhere: ClusterSource, ways: PlacedWays) {
		this.here = here;
		this.elsewhere = elsewhere;
		this.label = here.label;
		this.#ways = ways;
	}

	get kind(): HostedPlugin['kind'] {
		return this.#ways.holds() ? this.here.kind : this.elsewhere.kind;
	}

	/** As {@link ClusterSource.notOurs}, while another node runs it. */
	notOurs(): OrchestraError | undefined {
		return this.#ways.holds() || !this.elsewhere.isOffered ? undefined : this.elsewhere.notOurs();
	}

	async start(host: PluginHost, signal: AbortSignal): Promise<HostedPlugin> {
		await this.#ways.decided(signal);
		signal.throwIfAborted();
		if (!this.#ways.holds()) return this.elsewhere.start(host, signal);
		return guarded(await this.here.start(host, signal), this.#ways);
	}
}

/** A plugin whose calls are looked at before it serves them. */
function guarded(plugin: HostedPlugin, { admit }: PlacedWays): HostedPlugin {
	return {
		get id() {
			return plugin.id;
		},
		get kind() {
			return plugin.kind;
		},
		get manifest() {
			return plugin.manifest;
		},
		get tools() {
			return plugin.tools;
		},
		get prompts() {
			return plugin.prompts;
		},
		get software() {
			return plugin.software;
		},
		get extensions() {
			return plugin.extensions;
		},
		get pid() {
			return plugin.pid;
		},
		get connection() {
			return plugin.connection;
		},
		get seams() {
			return plugin.seams;
		},
		get ended() {
			return plugin.ended;
		},
		get registered() {
			return plugin.registered;
		},
		handle(exchange) {
			const refusal = admit(exchange);
			if (refusal) exchange.finish(ownErrorResponse(exchange.request, refusal));
			else plugin.handle(exchange);
		},
		underWay: () => plugin.underWay(),
		onProvidesChange: (listener) => plugin.onProvidesChange?.(listener),
		stop: () => plugin.stop(),
	};
}
