import type { Connection } from '../../runtime/carrier/carrier.ts';
import type { ExchangeUnderWay } from '../../runtime/carrier/exchanges-under-way.ts';
import type { IncomingExchange } from '../../runtime/carrier/incoming-exchange.ts';
import type { OpenOptions, OutgoingExchange, ResponseSink } from '../../runtime/carrier/outgoing-exchange.ts';
import type { Peer } from '../../runtime/carrier/peer.ts';
import { forwardExchange } from '../../runtime/hosting/forward-exchange.ts';
import { ownErrorResponse } from '../../runtime/hosting/own-error-response.ts';
import { forgetOldest } from '../../runtime/platform/forget-oldest.ts';
import type { PluginRequest } from '../../runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { OutgoingCalls } from '../calls/outgoing-calls.ts';
import type { CataloguePlugin, NodeRecord } from '../registry/records.ts';
import { chooseNode } from '../registry/route-choice.ts';
import type { DirectConnections } from './direct-connections.ts';

/** A node that runs a plugin. */
export interface Offer {
	readonly record: NodeRecord;
	readonly plugin: CataloguePlugin;
}

/** Ways of routes to nodes. */
export interface RouteWays {
	/** The nodes that run a plugin now. */
	offers(plugin: string): readonly Offer[];
	/** The other nodes that have a plugin, running or stopped. */
	having(plugin: string): readonly NodeRecord[];
	/** Undefined where everything goes through NATS. */
	readonly direct: DirectConnections | undefined;
	readonly calls: OutgoingCalls;
	/** Gives the reason why nothing goes through NATS; undefined where it does. */
	readonly cut: () => OrchestraError | undefined;
}

/** Milliseconds that a call waits for the connection to its node to be made, before it goes through NATS. */
const directWaitMs = 1_500;

/** Sessions whose nodes are remembered, at most. */
const maxSessions = 10_000;

/** The way of the calls of one plugin to the nodes that run it. */
export class PluginRoute implements Connection {
	readonly plugin: string;
	readonly peer: Peer;
	readonly closed: Promise<Error | undefined>;
	readonly #ways: RouteWays;
	readonly #underWay = new Map<IncomingExchange, { readonly since: number; readonly node: string }>();
	readonly #loads = new Map<string, number>();
	/** The node that a session has taken. */
	readonly #sessions = new Map<string, string>();
	#turn = 0;
	#open = true;
	#settle: (reason: Error | undefined) => void = () => {};

	constructor(plugin: string, ways: RouteWays) {
		this.plugin = plugin;
		this.#ways = ways;
		this.peer = { name: plugin, carrier: 'nats', address: '' };
		this.closed = new Promise((resolve) => {
			this.#settle = resolve;
		});
	}

	get open(): boolean {
		return this.#open;
	}

	/** The exchanges of others that were passed on and have not ended. */
	underWay(): readonly ExchangeUnderWay[] {
		return [...this.#underWay].map(([exchange, { since }]) => ({ exchange, since }));
	}

	/** Passes an exchange on to a node. */
	handle(exchange: IncomingExchange): void {
		const { request } = exchange;
		if (request.cluster) {
			exchange.finish(ownErrorResponse(request, notHere(this.plugin)));
			return;
		}
		const offer = this.#choose(request);
		if (offer instanceof OrchestraError) {
			exchange.finish(ownErrorResponse(request, offer));
			return;
		}
		const { direct } = this.#ways;
		const standing = direct?.get(offer.record);
		this.#begun(exchange, offer.record.node);
		if (standing || !direct) this.#forward(exchange, offer, standing);
		else {
			void direct.ready(offer.record, directWaitMs).then((connection) => {
				if (exchange.cancelled) exchange.finish(ownErrorResponse(request, exchange.cancelled));
				else this.#forward(exchange, offer, connection);
			});
		}
	}

	/** Opens an exchange of this process: health, seams. */
	exchange(request: PluginRequest, sink: ResponseSink, options?: OpenOptions): OutgoingExchange {
		const offer = this.#choose(request);
		if (offer instanceof OrchestraError) return this.#throughNats(request, undefined, sink, options);
		const direct = this.#ways.direct?.get(offer.record);
		if (!direct) return this.#throughNats(request, offer, sink, options);
		return direct.exchange({ ...request, cluster: clusterOf(this.plugin, offer) }, sink, options);
	}

	async close(reason?: OrchestraError): Promise<void> {
		this.#open = false;
		this.#settle(reason);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}

	#throughNats(
		request: PluginRequest,
		offer: Offer | undefined,
		sink: ResponseSink,
		options: OpenOptions | undefined,
	): OutgoingExchange {
		const { plugin } = this;
		const target = { plugin, version: offer?.plugin.version ?? '', node: offer?.record.node };
		const cluster = offer ? clusterOf(plugin, offer) : { plugin };
		return this.#ways.calls.connection(target).exchange({ ...request, cluster }, sink, options);
	}

	#forward(exchange: IncomingExchange, offer: Offer, direct: Connection | undefined): void {
		const { request } = exchange;
		const { node } = offer.record;
		const { plugin } = this;
		request.cluster = clusterOf(plugin, offer);
		const call = request.toolCall ?? request.streamStart ?? request.serviceCall;
		if (call?.plugin) call.plugin = offer.plugin.id;
		if (direct) {
			const ended = async () => nodeLost(node, plugin);
			forwardExchange(exchange, direct, `${plugin} at node ${node}`, ended, { keepsOrigin: true });
			return;
		}
		const cut = this.#ways.cut();
		if (cut) {
			exchange.finish(ownErrorResponse(request, cut));
			return;
		}
		// The queue group chooses where it need not be that node: it knows better who is there.
		const bound =
			offer.plugin.exclusive || sessionOf(request) !== undefined || this.#ways.offers(plugin).length < 2;
		if (!bound) request.cluster = { plugin };
		const target = {
			plugin,
			version: offer.plugin.version,
			node: bound ? node : undefined,
			unreached: bound ? this.#ways.direct?.failure(offer.record) : undefined,
		};
		forwardExchange(exchange, this.#ways.calls.connection(target), plugin, undefined, { keepsOrigin: true });
	}

	#choose(request: PluginRequest): Offer | OrchestraError {
		const offers = this.#ways.offers(this.plugin);
		if (offers.length === 1) return offers[0] as Offer;
		const session = sessionOf(request);
		const before = session === undefined ? undefined : this.#sessions.get(session);
		const chosen =
			offers.find(({ record }) => record.node === before) ??
			chooseNode(
				offers.map((offer) => ({
					offer,
					node: offer.record.node,
					draining: offer.record.state === 'draining',
					underWay: this.#loads.get(offer.record.node) ?? 0,
				})),
				this.#turn++,
			)?.offer;
		if (!chosen) return this.#ways.cut() ?? notHere(this.plugin);
		if (session !== undefined) this.#remember(session, chosen.record.node);
		return chosen;
	}

	#remember(session: string, node: string): void {
		this.#sessions.delete(session);
		this.#sessions.set(session, node);
		forgetOldest(this.#sessions, maxSessions);
	}

	#begun(exchange: IncomingExchange, node: string): void {
		this.#underWay.set(exchange, { since: performance.now(), node });
		this.#loads.set(node, (this.#loads.get(node) ?? 0) + 1);
		exchange.onEnd(() => {
			this.#underWay.delete(exchange);
			const left = (this.#loads.get(node) ?? 1) - 1;
			if (left > 0) this.#loads.set(node, left);
			else this.#loads.delete(node);
		});
	}
}

function clusterOf(plugin: string, { record, plugin: { token } }: Offer) {
	return { plugin, instance: record.instance, ...(token === undefined ? {} : { token }) };
}

function sessionOf(request: PluginRequest): string | undefined {
	return (request.toolCall ?? request.streamStart)?.sessionId || undefined;
}

/** Error that ends a call whose node is gone. */
export function nodeLost(node: string, plugin?: string): OrchestraError {
	const what = plugin === undefined ? '' : ` before plugin ${plugin} had answered`;
	return new OrchestraError('node_lost', `node ${node} was lost${what}`, {
		hint: 'Whether the call was done is not known. orchestra ps --cluster shows how the nodes stand.',
		details: { node, ...(plugin === undefined ? {} : { plugin }) },
	});
}

function notHere(plugin: string): OrchestraError {
	return new OrchestraError(
		'plugin_unavailable',
		`plugin ${plugin} runs on no node of the cluster that can be used now`,
		{
			retryable: true,
			hint: 'Call again when it runs: orchestra ps --cluster shows how the nodes stand.',
			details: { plugin },
		},
	);
}
