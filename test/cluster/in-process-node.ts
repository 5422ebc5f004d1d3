import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Cluster, type ClusterOptions } from '../../src/cluster/index.ts';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import { embedded } from '../../src/runtime/hosting/embedded-source.ts';
import { identitySource } from '../../src/runtime/identity/sources/identity-source.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import type { Plugin } from '../../src/runtime/plugin/definition/plugin.ts';
import { type NatsServer, type NatsUser, startNats } from '../support/nats-server.ts';
import { waitUntil } from '../support/wait-until.ts';

/** That of users: with a third of it as its patience, a node that a busy machine lets stand still for a moment is not lost. */
const leaseMs = 15_000;

/** A real server, and nodes of one cluster in this process. */
export class TestCluster implements AsyncDisposable {
	readonly certsDir: string;
	readonly #folder: string;
	readonly #nodes: TestNode[] = [];
	nats!: NatsServer;

	private constructor() {
		this.#folder = mkdtempSync(join(tmpdir(), 'orchestra-cluster-'));
		this.certsDir = join(this.#folder, 'certs');
	}

	static async start(users: readonly (string | NatsUser)[], more?: string): Promise<TestCluster> {
		const cluster = new TestCluster();
		cluster.nats = await startNats({ certsDir: cluster.certsDir, users, ...(more ? { more } : {}) });
		return cluster;
	}

	/** Starts a node with plugins. */
	async node(
		name: string,
		plugins: readonly (
			| Plugin
			| { readonly plugin: Plugin; readonly replicas: number; readonly singleton?: boolean }
		)[] = [],
		more: Partial<ClusterOptions> = {},
	): Promise<TestNode> {
		const log: string[] = [];
		const cluster = new Cluster({
			node: name,
			servers: [this.nats.url],
			name: 'orch',
			advertise: undefined,
			direct: true,
			leaseMs,
			copies: 1,
			durable: [],
			onLog: ({ message }) => log.push(message),
			...more,
		});
		const orchestrator = new Orchestrator({
			bus: cluster.bus,
			nodes: ['alpha', 'beta', 'gamma', 'delta'],
			identity: identitySource(await ensureIdentity(this.certsDir, name)),
			onLog: ({ message }) => log.push(message),
		});
		await orchestrator.listen({ carrier: 'tcp', host: '127.0.0.1', port: 0 });
		const identity = identitySource(await ensureIdentity(this.certsDir, name));
		const ids = plugins.map((entry) => ('plugin' in entry ? entry.plugin : entry).manifest.id ?? '');
		await cluster.attach(orchestrator, identity, ['cli'], ids);
		for (const entry of plugins) {
			const { plugin, replicas, singleton } = 'plugin' in entry ? entry : { plugin: entry };
			const { source, id } = await cluster.place({
				id: plugin.manifest.id,
				source: embedded(plugin),
				policy: {},
				replicas,
				singleton,
			});
			await orchestrator
				.add(source, { id })
				.start()
				.catch(() => {});
		}
		cluster.started();
		const node = new TestNode(cluster, orchestrator, log);
		this.#nodes.push(node);
		return node;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const node of this.#nodes) await node.stop();
		await this.nats[Symbol.asyncDispose]();
		rmSync(this.#folder, { recursive: true, force: true });
	}
}

export class TestNode {
	readonly cluster: Cluster;
	readonly orchestrator: Orchestrator;
	readonly log: string[];
	readonly client: PluginClient;

	constructor(cluster: Cluster, orchestrator: Orchestrator, log: string[]) {
		this.cluster = cluster;
		this.orchestrator = orchestrator;
		this.log = log;
		this.client = createClient(orchestrator.connect('cli'));
	}

	/** Waits until a plugin runs, here or elsewhere. */
	async has(id: string): Promise<void> {
		await waitUntil(() => this.orchestrator.slot(id)?.state === 'running', 30_000);
	}

	/** Calls a tool of another node until it is asked over a connection of the two: through NATS goes what that would hold up. */
	async reachDirectly(other: TestNode, tool: string): Promise<void> {
		let carrier = '';
		other.orchestrator.intercept(({ request, peer }, next) => {
			if (request.toolCall) carrier = peer.carrier;
			next();
		});
		await expect
			.poll(
				async () => {
					await this.client.callTool(tool);
					return carrier;
				},
				{ timeout: 30_000 },
			)
			.toBe('tcp');
	}

	/** Waits until a plugin that ran does not. */
	async hasLost(id: string): Promise<void> {
		await waitUntil(() => this.orchestrator.slot(id)?.state !== 'running', 30_000);
	}

	async stop(): Promise<void> {
		await this.client.close();
		await this.cluster.drain();
		await this.orchestrator.stop({ graceMs: 1_000 });
		await this.cluster.leave();
	}
}
