import {
	appendFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAddress } from '../../src/runtime/carrier/address.ts';
import { dial } from '../../src/runtime/carrier/network-carrier.ts';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import type { Identity } from '../../src/runtime/identity/identity.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import type { JsonObject } from '../../src/runtime/wire/json-value.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { RunningCli } from '../support/run-cli.ts';
import type { Runtime } from '../support/runtime-command.ts';

/** The folder of a cluster: certificates, journals and a folder for each node. */
export class ClusterFolder implements Disposable {
	readonly path = mkdtempSync(join(tmpdir(), 'orchestra-cluster-'));
	readonly certsDir = join(this.path, 'certs');

	identity(name: string): Promise<Identity> {
		return ensureIdentity(this.certsDir, name);
	}

	/** What plugins have written down: `[{ node, n, … }]`, in the order of writing. */
	journal(name: string): JsonObject[] {
		const file = this.journalFile(name);
		if (!existsSync(file)) return [];
		return readFileSync(file, 'utf8')
			.split('\n')
			.filter((line) => line !== '')
			.map((line) => JSON.parse(line) as JsonObject);
	}

	journalFile(name: string): string {
		return join(this.path, `${name}.jsonl`);
	}

	/** Says in a journal that something happened here. */
	note(name: string, what: JsonObject): void {
		appendFileSync(this.journalFile(name), `${JSON.stringify(what)}\n`);
	}

	[Symbol.dispose](): void {
		rmSync(this.path, { recursive: true, force: true });
	}
}

/** A plugin of a node: its entry in `plugins`, and the body of its module. */
export interface NodePlugin {
	readonly id: string;
	/** More of its entry, such as `singleton: true`. */
	readonly more?: string;
	/** What is chained to `createPlugin(id)`. `journal(what)` writes down what happened, `node` is the name of the node. */
	readonly body: string;
}

export interface NodeOptions {
	readonly node: string;
	readonly folder: ClusterFolder;
	/** Where NATS is: `tls://127.0.0.1:PORT`. */
	readonly servers: readonly string[];
	readonly plugins: readonly NodePlugin[];
	/** More lines of `cluster`, such as `direct: false`. */
	readonly cluster?: Readonly<Record<string, unknown>>;
	/** Names of all nodes. */
	readonly nodes: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
	/** What it runs on. Default: Node. */
	readonly runtime?: Runtime;
}

/** How long a node that says nothing counts as being there, where a test waits for the end of that. */
export const leaseMs = 3_000;

/**
 * The lease of nodes that stay, as that of users: with a third of it as its patience, a node that a busy machine lets stand still for a
 * moment is not lost, and nor is its connection.
 */
export const patientLease = '15s';

/** The lease where the calls of a node may end by that node's end only, and a test waits for it. */
export const longLease = '9s';

/** A node of a cluster, as a person runs it: `orchestra serve` with a configuration file. */
export class RunningNode implements AsyncDisposable {
	readonly name: string;
	readonly cli: RunningCli;
	readonly #folder: ClusterFolder;
	readonly #clients: PluginClient[] = [];
	#address = '';

	private constructor(name: string, cli: RunningCli, folder: ClusterFolder) {
		this.name = name;
		this.cli = cli;
		this.#folder = folder;
	}

	/** Starts it, and waits until it is ready. */
	static async start(options: NodeOptions): Promise<RunningNode> {
		const started = await RunningNode.launch(options);
		await started.ready();
		return started;
	}

	/** Starts it, and does not wait. */
	static async launch(options: NodeOptions): Promise<RunningNode> {
		const { node, folder, servers, plugins, cluster = {}, nodes, env = {}, runtime = 'node' } = options;
		const own = join(folder.path, node);
		mkdirSync(own, { recursive: true });
		for (const { id, body } of plugins) {
			writeFileSync(join(own, `${id}.ts`), moduleOf(id, body, node, folder.path));
		}
		const settings = { node, servers, lease: `${leaseMs}ms`, ...cluster };
		// JSON is YAML.
		writeFileSync(
			join(own, 'orchestra.yaml'),
			[
				'listen: [tcp://127.0.0.1:0]',
				`certs_dir: ${JSON.stringify(folder.certsDir)}`,
				`cluster: ${JSON.stringify(settings)}`,
				`access: ${JSON.stringify({ nodes, operators: ['cli'] })}`,
				'plugins:',
				...plugins.map(
					({ id, more = '' }) => `  - { id: ${id}, module: ${id}.ts${more === '' ? '' : `, ${more}`} }`,
				),
				'',
			].join('\n'),
		);
		await folder.identity(node);
		const cli = new RunningCli(['serve', '--json'], {
			cwd: own,
			env: { ORCHESTRA_CACHE_DIR: join(folder.path, 'cache'), ...env },
			runtime,
		});
		return new RunningNode(node, cli, folder);
	}

	/** Waits until it says that it is ready. */
	async ready(timeoutMs = 120_000): Promise<void> {
		const [line] = await this.cli.until(/^.*"event":"ready".*$/m, timeoutMs);
		const { addresses } = JSON.parse(line) as { addresses: string[] };
		this.#address = addresses.find((address) => address.startsWith('tcp://')) ?? '';
	}

	get pid(): number {
		return this.cli.child.pid ?? 0;
	}

	get address(): string {
		return this.#address;
	}

	/** A client that is connected to it. It is closed with the node. */
	async client(name = 'cli'): Promise<PluginClient> {
		const identity = await this.#folder.identity(name);
		const client = createClient(await dial(parseAddress(this.#address), { identity }));
		this.#clients.push(client);
		return client;
	}

	/** Ends it as a crash does. */
	async kill(): Promise<void> {
		this.cli.child.kill('SIGKILL');
		await this.cli.exited;
	}

	/** It stands still, until {@link resume}. */
	pause(): void {
		process.kill(this.pid, 'SIGSTOP');
	}

	resume(): void {
		process.kill(this.pid, 'SIGCONT');
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await Promise.allSettled(this.#clients.map((client) => client.close()));
		await this.cli[Symbol.asyncDispose]();
	}
}

function moduleOf(id: string, body: string, node: string, folder: string): string {
	return `
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPlugin } from 'orchestra-toolchain';
const node = ${JSON.stringify(node)};
const journal = (name: string, what: object) =>
	appendFileSync(join(${JSON.stringify(folder)}, name + '.jsonl'), JSON.stringify({ node, ...what }) + '\\n');
const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
export default createPlugin(${JSON.stringify(id)})
${body}
	.build();
`;
}

/** How a call ended: its result, or the code of its error. */
export interface CallEnd {
	readonly n: number;
	readonly result?: JsonObject;
	readonly code?: string;
	readonly message?: string;
	readonly ms: number;
}

/** Makes one call and says how it ended. Never rejects. */
export async function callOf(
	client: PluginClient,
	tool: string,
	args: JsonObject & { n: number },
	timeoutMs = 60_000,
): Promise<CallEnd> {
	const begin = performance.now();
	try {
		const result = await client.callTool(tool, args, { timeoutMs });
		return { n: args.n, result, ms: performance.now() - begin };
	} catch (error) {
		if (!(error instanceof OrchestraError)) throw error;
		return { n: args.n, code: error.code, message: error.message, ms: performance.now() - begin };
	}
}

/** Calls a tool until it answers. */
export async function untilAnswered(
	client: PluginClient,
	tool: string,
	args: JsonObject = { n: -1 },
	timeoutMs = 60_000,
): Promise<JsonObject> {
	const endsAt = Date.now() + timeoutMs;
	for (;;) {
		const end = await callOf(client, tool, { n: -1, ...args }, 10_000);
		if (end.result) return end.result;
		if (Date.now() > endsAt) throw new Error(`${tool} never answered: ${end.code}: ${end.message}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

/** Calls without end from some lanes, each with a number of its own; `stop` gives all ends. */
export function loadOf(
	client: PluginClient,
	tool: string,
	lanes = 8,
): { stop: () => Promise<CallEnd[]>; readonly ends: CallEnd[] } {
	const ends: CallEnd[] = [];
	let next = 0;
	let stopped = false;
	const lane = async () => {
		while (!stopped) {
			const end = await callOf(client, tool, { n: next++ });
			ends.push(end);
			// A call that is refused at once must not fill the loop.
			if (end.code) await new Promise((resolve) => setTimeout(resolve, 5));
		}
	};
	const all = Promise.all(Array.from({ length: lanes }, lane));
	return {
		ends,
		stop: async () => {
			stopped = true;
			await all;
			return ends;
		},
	};
}
