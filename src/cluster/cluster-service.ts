import { defineService, unary } from '../runtime/services/service-definition.ts';

/** A plugin of a node of a cluster. */
export interface ClusterPluginInfo {
	readonly id: string;
	readonly version: string;
	/** `running`, `standby` (another node runs it) or `stopped`. */
	readonly state: string;
	readonly tools: readonly string[];
	/** The fencing token of its lease; 0 where it has none. */
	readonly token: number;
}

/** A node of a cluster, as another sees it. */
export interface ClusterNodeInfo {
	readonly node: string;
	/** `up`, `draining`, `cut` (the one that was asked, while NATS is away), or `incompatible`: it speaks another version. */
	readonly state: string;
	/** Whether it is the one that was asked. */
	readonly isSelf: boolean;
	readonly software: string;
	readonly addresses: readonly string[];
	readonly plugins: readonly ClusterPluginInfo[];
}

/** Answer of a node that is asked of its cluster. */
export interface ClusterInfo {
	/** The node that was asked. */
	readonly node: string;
	/** Whether NATS can be reached from there; where it cannot, the nodes are those that were there. */
	readonly connected: boolean;
	/** Reason why the node that was asked has no place in the cluster now; empty where it has one. */
	readonly outside: string;
	readonly nodes: readonly ClusterNodeInfo[];
}

/** The cluster of an orchestrator, as any of its nodes sees it. */
export const clusterService = defineService('orchestra.cluster', 1, {
	nodes: unary<Record<string, never>, ClusterInfo>(),
	/** Lets a node end what it has and takes it out of turn, or with `undo` puts it back. */
	drain: unary<{ node: string; undo?: boolean }, { node: string; callsUnderWay: number }>(),
});
