import type { Connection } from '../runtime/carrier/carrier.ts';
import { assertOperator } from '../runtime/orchestrator/administration/administration.ts';
import { serviceClient } from '../runtime/services/service-client.ts';
import { type ServedService, serveService } from '../runtime/services/service-server.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { type ClusterNodeInfo, clusterService } from './cluster-service.ts';
import type { SeenNode } from './registry/membership.ts';

/** Needs of the service. */
export interface ServedCluster {
	readonly node: string;
	readonly instance: string;
	readonly nodes: readonly SeenNode[];
	/** This node itself, whether others see it or not. */
	readonly self: SeenNode | undefined;
	readonly connected: boolean;
	readonly outside: string;
	readonly callsUnderWay: number;
	orchestratorOf(node: string): Promise<Connection>;
	readonly cut: OrchestraError | undefined;
	drain(): Promise<OrchestraError | undefined>;
	resume(): Promise<OrchestraError | undefined>;
}

/** Milliseconds that another node has to drain. */
const drainTimeoutMs = 60_000;

/** Serves what operators ask of the cluster of this node. */
export function serveCluster(cluster: ServedCluster, operators: readonly string[]): ServedService {
	return serveService(clusterService, {
		nodes(_args, context) {
			assertOperator(context, operators, undefined);
			const { node, connected, outside } = cluster;
			return { node, connected, outside, nodes: nodeInfos(cluster) };
		},
		async drain({ node, undo = false }, context) {
			assertOperator(context, operators, undefined);
			if (node !== cluster.node) {
				const there = inNameOf(context.caller, await cluster.orchestratorOf(node));
				const client = serviceClient(clusterService, there);
				return client.drain({ node, undo }, { signal: context.signal, timeoutMs: drainTimeoutMs });
			}
			const fails = (cause: OrchestraError, then: string) =>
				new OrchestraError(
					'cluster_unavailable',
					`node ${node} is not ${undo ? 'put back' : 'drained'}: ${cause.message}`,
					{ retryable: true, hint: then, details: { node }, cause },
				);
			// Its calls and leases are others' to take, who would hear of nothing.
			if (cluster.cut) throw fails(cluster.cut, 'Nothing was changed. Do it again when NATS is back.');
			const unheard = await (undo ? cluster.resume() : cluster.drain());
			if (unheard) throw fails(unheard, 'Others may hear of it later, or not at all: do it again.');
			return { node, callsUnderWay: cluster.callsUnderWay };
		},
	});
}

/** A connection whose calls say for whom they are: the other node holds them to what that one may do. */
function inNameOf(caller: string, connection: Connection): Connection {
	return {
		peer: connection.peer,
		closed: connection.closed,
		get open() {
			return connection.open;
		},
		exchange(request, sink, options) {
			const { serviceCall } = request;
			const named = serviceCall ? { ...request, serviceCall: { ...serviceCall, caller } } : request;
			return connection.exchange(named, sink, options);
		},
		close: () => Promise.resolve(),
		[Symbol.asyncDispose]: () => Promise.resolve(),
	};
}

/** The nodes that this one sees; while NATS is away it is one of them itself, whatever it has heard. */
function nodeInfos({ node, instance, connected, nodes, self }: ServedCluster): ClusterNodeInfo[] {
	if (connected) return nodes.map((seen) => nodeInfo(seen, instance));
	const others = nodes.filter(({ record }) => record.instance !== instance);
	const hasTwin = others.some(({ record }) => record.node === node);
	return [
		...others.map((seen) => nodeInfo(seen, instance)),
		...(self && !hasTwin ? [{ ...nodeInfo(self, instance), state: 'cut' }] : []),
	].sort((a, b) => (a.node < b.node ? -1 : 1));
}

function nodeInfo({ record, plugins, compatible }: SeenNode, self: string): ClusterNodeInfo {
	const { node, instance, state, software, addresses } = record;
	return {
		node,
		state: compatible ? state : 'incompatible',
		// Another may have the name of this node.
		isSelf: instance === self,
		software,
		addresses,
		plugins: plugins.map(({ id, version, state, tools, token = 0 }) => ({
			id,
			version,
			state,
			tools,
			token,
		})),
	};
}
