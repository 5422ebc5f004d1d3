import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatAddress, parseAddress } from '../../src/runtime/carrier/address.ts';
import type { Connection } from '../../src/runtime/carrier/carrier.ts';
import { dial } from '../../src/runtime/carrier/network-carrier.ts';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import { remote } from '../../src/runtime/hosting/remote-source.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import type { LogEntry } from '../../src/runtime/plugin/definition/log.ts';
import type { Plugin } from '../../src/runtime/plugin/definition/plugin.ts';
import { servePlugin } from '../../src/runtime/plugin/process/serve-plugin.ts';
import { type ServiceClient, serviceClient } from '../../src/runtime/services/service-client.ts';
import { sessionsService } from '../../src/runtime/services/sessions-service.ts';
import type { SessionOptions } from '../../src/runtime/sessions/session-host.ts';

/** Where the plugins and the client are: in the orchestrator's process, or behind a carrier, both of them. */
export const harnessNames = ['embedded', 'tcp', 'quic'] as const;
export type HarnessName = (typeof harnessNames)[number];

/** An orchestrator with plugins, and a client of it. */
export interface World {
	readonly orchestrator: Orchestrator;
	readonly client: PluginClient;
	readonly connection: Connection;
	readonly sessions: ServiceClient<typeof sessionsService.methods>;
	readonly log: LogEntry[];
	/** What launched plugins print. */
	readonly output: { readonly label: string; readonly line: string }[];
	readonly certsDir: string;
	/** Another client, of another name. */
	connect(name: string): Promise<Connection>;
}

export interface Harness {
	readonly name: HarnessName;
	world(plugins: readonly Plugin[], options?: SessionOptions): Promise<World>;
	/** Ends the worlds of a case. */
	endCase(): Promise<void>;
	close(): Promise<void>;
}

/** The harness of a place. */
export async function createHarness(name: HarnessName): Promise<Harness> {
	const certsDir = mkdtempSync(join(tmpdir(), 'orchestra-sessions-'));
	const ends: (() => Promise<unknown>)[] = [];
	const listen = `${name}://127.0.0.1:0`;
	return {
		name,
		async world(plugins, options) {
			const log: LogEntry[] = [];
			const onLog = (entry: LogEntry) => log.push(entry);
			const output: World['output'] = [];
			const onOutput = (label: string, line: string) => output.push({ label, line });
			const orchestrator = new Orchestrator({ onLog, onOutput, sessions: options });
			ends.push(() => orchestrator.stop({ graceMs: 0 }));
			let connect = async (caller: string): Promise<Connection> => orchestrator.connect(caller);
			if (name === 'embedded') for (const plugin of plugins) await orchestrator.embed(plugin);
			else {
				const identity = await ensureIdentity(certsDir, 'orchestrator');
				const { address } = await orchestrator.listen(parseAddress(listen), identity);
				connect = async (caller) => dial(address, { identity: await ensureIdentity(certsDir, caller) });
				for (const plugin of plugins) {
					const served = await servePlugin(plugin, {
						listenAddr: listen,
						orchestratorAddr: formatAddress(address),
						certsDir,
						log: onLog,
					});
					ends.push(() => served.stop(500));
					await orchestrator.host(remote({ address: served.listener.address, identity }));
				}
			}
			const connection = await connect('tester');
			ends.push(() => connection.close());
			return {
				orchestrator,
				connection,
				client: createClient(connection),
				sessions: serviceClient(sessionsService, connection),
				log,
				output,
				certsDir,
				async connect(caller) {
					const other = await connect(caller);
					ends.push(() => other.close());
					return other;
				},
			};
		},
		async endCase() {
			for (const end of ends.splice(0).reverse()) await end();
		},
		async close() {
			rmSync(certsDir, { recursive: true, force: true });
		},
	};
}

/** One requirement of sessions, as a test that needs no framework. Its name begins with its row. */
export interface SessionCase {
	readonly name: string;
	run(harness: Harness): Promise<void>;
}
