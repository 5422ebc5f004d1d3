import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Address } from '../../src/runtime/carrier/address.ts';
import type { Listener } from '../../src/runtime/carrier/carrier.ts';
import type { IncomingExchange } from '../../src/runtime/carrier/incoming-exchange.ts';
import { listen } from '../../src/runtime/carrier/network-carrier.ts';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import { launched } from '../../src/runtime/hosting/launched-source.ts';
import type { Identity } from '../../src/runtime/identity/identity.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import type { JsonObject } from '../../src/runtime/wire/json-value.ts';
import { loadPlugin } from '../../src/toolchain/load/load-plugin.ts';
import { OutputLog } from '../launching/processes.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { eventually } from './support/eventually.ts';
import { goBinaries, titled } from './support/go-binaries.ts';

const go = await goBinaries();
const folder = scratchFolder('go-orchestrated');
const certsDir = join(folder, 'certs');

const entry = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

describe.skipIf(go.missing)(titled('a Go plugin with our orchestrator behind it', go), () => {
	const log = new OutputLog();
	let orchestrator: Orchestrator;
	let client: PluginClient;

	beforeAll(async () => {
		orchestrator = new Orchestrator({ onOutput: (_label, line) => log.listener(line, 'stderr') });
		const identity = await ensureIdentity(certsDir, 'orchestrator');
		await orchestrator.listen({ carrier: 'quic', host: '127.0.0.1', port: 0 }, identity);
		for (const path of ['examples/weather', 'examples/notes', 'examples/thermometer']) {
			await orchestrator.embed(await loadPlugin(entry(`${path}/plugin.ts`)));
		}
		await orchestrator.embed(await loadPlugin(entry('test/interop/support/asks-go.ts')));
		await launch();
		client = createClient(orchestrator.connect('test'));
	});
	afterAll(() => orchestrator?.stop());

	function launch() {
		return orchestrator.host(goPlugin(30_000));
	}

	/** Has the Go plugin send a request to the orchestrator. */
	const ask = (request: object) => client.callTool('ask_orchestrator', { request: request as never });

	test('is shown with its whole manifest, which it tells the orchestrator only', async () => {
		const description = await client.describe();
		expect(description?.plugins.find((plugin) => plugin.id === 'go-tools')).toMatchObject({
			version: '1.4.2',
			description: 'A plugin on the Go SDK.',
			author: 'The Go side',
			language: 'go',
			binary: 'go-tools',
			providesStorage: ['gostore'],
			providesTransport: ['quic'],
			providesPrompts: ['hello', 'review', 'broken'],
			providesTools: expect.arrayContaining(['echo', 'count', 'ask_orchestrator']),
			needsStorage: ['notes'],
			needsAi: ['claude'],
			needsTools: ['forecast'],
			needsEvents: ['temperature'],
		});
	});

	test('is called by our plugins, for one result and for a stream', async () => {
		expect(await client.callTool('ask_go', { n: 7 })).toEqual({
			echoed: { n: 7, list: [1, null, 'x'] },
			caller: 'asks-go',
			counted: '1\n2\n3\n',
			failed: { code: 'burnt', message: 'the dish is burnt' },
		});
	});

	test('calls our plugins', async () => {
		expect(
			await ask({
				requestId: 'g1',
				toolCall: { toolName: 'forecast', arguments: { city: 'Oslo', days: 1 } },
			}),
		).toMatchObject({ requestId: 'g1', toolCall: { success: true, result: { city: 'Oslo' } } });
		expect(await ask({ toolCall: { toolName: 'forecast', arguments: { city: 'Atlantis' } } })).toMatchObject({
			toolCall: { errorCode: 'city_unknown', errorMessage: 'there is no weather in Atlantis: it sank' },
		});
		expect(await ask({ toolCall: { toolName: 'forecast', arguments: { days: 'many' } } })).toMatchObject({
			toolCall: { errorCode: 'invalid_arguments', errorMessage: expect.stringContaining('/city') },
		});
		expect(await ask({ toolCall: { toolName: 'nowhere' } })).toMatchObject({
			toolCall: { errorCode: 'tool_not_found' },
		});
	});

	test('uses the storage of our plugins, and ours uses its', async () => {
		const entry = { path: 'from-go.md', storageType: 'notes' };
		const content = Buffer.from('from Go').toString('base64');
		expect(await ask({ storageWrite: { ...entry, content, metadata: { by: 'go' } } })).toMatchObject({
			storageWrite: { success: true, newVersion: '1' },
		});
		expect(await ask({ storageWrite: { ...entry, content } })).toMatchObject({
			storageWrite: { error: expect.stringContaining('from-go.md') },
		});
		expect(await ask({ storageRead: entry })).toMatchObject({
			storageRead: { content, metadata: { by: 'go' }, version: '1' },
		});
		expect(await ask({ storageRead: { path: 'none', storageType: 'notes' } })).toMatchObject({
			storageRead: {},
		});
		expect(await ask({ storageList: { prefix: 'from', storageType: 'notes' } })).toMatchObject({
			storageList: {
				entries: [{ path: 'from-go.md', size: '7', version: '1', modifiedAt: expect.any(String) }],
			},
		});
		expect(await ask({ storageDelete: entry })).toMatchObject({ storageDelete: { success: true } });
		expect(await ask({ storageWrite: { path: 'x', content } })).toMatchObject({
			storageWrite: { error: expect.stringContaining('markdown') },
		});

		expect(await client.storage.write('ours', 'text', { storageType: 'gostore' })).toBe(1);
		expect(await client.storage.read('ours', { storageType: 'gostore' })).toMatchObject({ version: 1 });
	});

	test('hears our events that it needs, and publishes its own', async () => {
		await client.callTool('report_temperature', { place: 'oven', celsius: 200 });
		await client.callTool('report_temperature', { place: 'fridge', celsius: 4 });
		await eventually(() => client.callTool('heard')).toEqual({
			events: [
				{
					topic: 'temperature',
					type: 'measured',
					source: 'thermometer',
					payload: { place: 'oven', celsius: 200, level: 'hot' },
				},
			],
		});
		const payload = { place: 'engine', celsius: 90, level: 'hot' };
		expect(await ask({ publish: { topic: 'temperature', eventType: 'm', payload } })).not.toHaveProperty(
			'toolCall',
		);
		await eventually(() => client.callTool('list_alarms')).toMatchObject({
			data: [{ place: 'oven' }, { place: 'engine' }],
		});
	});

	test('subscribes while it runs, with a pattern and filters of ours, and is heard by clients', async () => {
		const events = client.events('alerts.*');
		await events.ready();
		const alert = (payload?: JsonObject) =>
			client.publish({ topic: 'alerts.fire', eventType: 'a', ...(payload ? { payload } : {}) });
		const heard = async () => {
			const { events: all } = (await client.callTool('heard')) as {
				events: { topic: string; payload: unknown }[];
			};
			return all.filter(({ topic }) => topic === 'alerts.fire').map(({ payload }) => payload);
		};
		await alert({ n: 0, level: 'red' });
		const subscribe = { subscriptionId: 'late', topic: 'alerts.**', filters: { level: 'red' } };
		expect(await ask({ subscribe })).toMatchObject({ eventDelivery: { subscriptionId: 'late' } });
		// The Go side lets an event without a payload through its own filters; ours decide before that.
		await alert();
		await alert({ n: 1, level: 'green' });
		await alert({ n: 2, level: 1 });
		await alert({ n: 3, level: 'red' });
		await eventually(heard).toEqual([{ n: 3, level: 'red' }]);
		await ask({ unsubscribe: { subscriptionId: 'late' } });
		expect(orchestrator.subscriptions.find(({ plugin }) => plugin === 'go-tools')?.topics).toEqual([
			'temperature',
		]);
		await alert({ n: 4, level: 'red' });
		await ask({ publish: { topic: 'alerts.flood', eventType: 'b', payload: { n: 5 } } });
		const got: unknown[] = [];
		for await (const { topic, source, payload } of events) {
			got.push([topic, source, payload.n]);
			if (topic === 'alerts.flood') break;
		}
		expect(got).toEqual([
			['alerts.fire', 'test', 0],
			['alerts.fire', 'test', undefined],
			['alerts.fire', 'test', 1],
			['alerts.fire', 'test', 2],
			['alerts.fire', 'test', 3],
			['alerts.fire', 'test', 4],
			['alerts.flood', 'go-tools', 5],
		]);
		expect(await heard()).toHaveLength(1);
	});

	test('gets lists and health from the orchestrator, and unknown_request for what it does not know', async () => {
		const { listTools } = (await ask({ listTools: {} })) as { listTools: { tools: { name: string }[] } };
		expect(listTools.tools.map((tool) => tool.name)).toEqual(expect.arrayContaining(['forecast', 'echo']));
		expect(await ask({ health: {} })).toMatchObject({ health: { status: 'STATUS_HEALTHY' } });
		expect(await ask({})).toMatchObject({ toolCall: { errorCode: 'unknown_request' } });
		expect(await ask({ subscribe: { subscriptionId: 's', topic: 't' } })).toMatchObject({
			eventDelivery: { subscriptionId: 's', topic: 't' },
		});
	});

	test('serves prompts through it', async () => {
		expect(await client.getPrompt('review', { file: 'a.ts', tone: 'kindly' })).toMatchObject({
			messages: [{ content: { text: 'review a.ts, kindly' } }, {}],
		});
	});

	test('a second one of the same id is refused, and the first works on', async () => {
		await expect(launch()).rejects.toMatchObject({ code: 'duplicate_plugin' });
		expect(await client.callTool('echo', { ok: true })).toEqual({ ok: true });
	});

	test('is shut down once when the orchestrator stops', async () => {
		const shutdowns = () => log.lines.filter((line) => line.includes('ON_SHUTDOWN')).length;
		const before = shutdowns();
		await orchestrator.stop();
		await expect.poll(shutdowns).toBe(before + 1);
	});
});

describe.skipIf(go.missing)(titled('a Go plugin that registers late', go), () => {
	test('has its whole manifest all the same', async () => {
		await using orchestrator = new LateToRegister();
		const identity = await ensureIdentity(certsDir, 'orchestrator');
		await orchestrator.listenLate(identity);
		const hosted = await orchestrator.host(goPlugin(0));
		expect(hosted.manifest.version).toBeUndefined();
		orchestrator.register();
		await hosted.registered;
		expect(hosted.manifest).toMatchObject({ version: '1.4.2', providesStorage: ['gostore'] });
	});
});

function goPlugin(registrationTimeoutMs: number) {
	return launched({
		label: 'go-tools',
		command: { command: go.plugin },
		certsDir,
		carrier: 'quic',
		inheritEnv: true,
		registrationTimeoutMs,
	});
}

/** Looks at registrations when it is told to. */
class LateToRegister extends Orchestrator {
	#listener: Listener | undefined;
	#release: () => void = () => {};
	readonly #released = new Promise<void>((resolve) => {
		this.#release = resolve;
	});

	override get addresses(): Address[] {
		return this.#listener ? [this.#listener.address] : [];
	}

	async listenLate(identity: Identity): Promise<void> {
		const handler = (exchange: IncomingExchange) => {
			if (exchange.request.register) void this.#released.then(() => this.handle(exchange));
			else this.handle(exchange);
		};
		this.#listener = await listen({ carrier: 'quic', host: '127.0.0.1', port: 0 }, { identity, handler });
	}

	register(): void {
		this.#release();
	}

	override async stop(): Promise<void> {
		await super.stop();
		await this.#listener?.close();
	}
}
