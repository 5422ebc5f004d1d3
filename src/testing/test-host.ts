import { createClient, type PluginClient } from '../runtime/client/plugin-client.ts';
import type { BusEvent, EventBus, NewEvent } from '../runtime/events/event-bus.ts';
import { MemoryEventBus } from '../runtime/events/memory-event-bus.ts';
import { Orchestrator } from '../runtime/orchestrator/orchestrator.ts';
import type { LogEntry } from '../runtime/plugin/definition/log.ts';
import type { Plugin } from '../runtime/plugin/definition/plugin.ts';
import { FakeClock } from './fake-clock.ts';
import { FaultInjector } from './fault-injector.ts';
import { Recording } from './recording.ts';

/** Options of hosting plugins in a test. */
export interface TestHostOptions {
	/** Plugins that the one under test needs, or that stand in for others; they are started before it. Default: none. */
	readonly beside?: readonly Plugin[] | undefined;
	/** Values for the OnBoot hook of the plugin under test. Default: none. */
	readonly config?: Readonly<Record<string, string>> | undefined;
	/** The name under which the test calls. Default `test`. */
	readonly caller?: string | undefined;
	/** Clock of idle sessions and injected delays. Default: one that stands still until {@link FakeClock.advance}. */
	readonly clock?: FakeClock | undefined;
}

/** A host in this process: arguments are checked, requests routed and errors told just as they are over the network. */
export class TestHost implements AsyncDisposable {
	/** Calls tools and prompts, reads and writes storage, publishes events. */
	readonly client: PluginClient;
	readonly orchestrator: Orchestrator;
	/** The events that were published, by whomever. */
	readonly events: Recording<BusEvent>;
	/** Log entries of plugins, of every level. */
	readonly logs: Recording<LogEntry>;
	/** Lets requests fail. */
	readonly faults: FaultInjector;
	readonly clock: FakeClock;

	/** @internal {@link testHost} makes one */
	constructor({ caller = 'test', clock = new FakeClock() }: TestHostOptions) {
		this.clock = clock;
		this.events = new Recording('event');
		this.logs = new Recording('log entry');
		this.faults = new FaultInjector(clock);
		this.orchestrator = new Orchestrator({
			onLog: this.logs.add,
			bus: recordedBus(this.events.add, (plugin, message) =>
				this.logs.add({ level: 'warn', plugin, message }),
			),
			sessions: { clock },
		});
		this.orchestrator.intercept(this.faults.interceptor);
		this.client = createClient(this.orchestrator.connect(caller));
	}

	/** Publishes an event as the test, for plugins to hear. @throws PeerError `invalid_topic`, `event_too_large` */
	get publish(): PluginClient['publish'] {
		return this.client.publish.bind(this.client);
	}

	/** Shuts the plugins down and frees what they hold. Never rejects. */
	async stop(): Promise<void> {
		this.faults.clear();
		await this.client.close();
		await this.orchestrator.stop({ graceMs: 0 });
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.stop();
	}
}

/**
 * Boots a plugin in this process, for a test. Whoever calls it stops it: `await using`, or {@link TestHost.stop}.
 *
 * @throws OrchestraError `boot_failed`, `duplicate_plugin`, `duplicate_tool`, `invalid_schema`; nothing is left running then
 * @example
 * import assert from 'node:assert/strict';
 * import type { Plugin } from 'orchestra-toolchain';
 * import { testHost } from 'orchestra-toolchain/testing';
 *
 * declare const plugin: Plugin;
 * await using host = await testHost(plugin);
 * assert.deepEqual(await host.client.callTool('add', { a: 1, b: 2 }), { sum: 3 });
 */
export async function testHost(plugin: Plugin, options: TestHostOptions = {}): Promise<TestHost> {
	const host = new TestHost(options);
	try {
		for (const other of options.beside ?? []) await host.orchestrator.embed(other);
		await host.orchestrator.embed(plugin, options.config);
		return host;
	} catch (error) {
		await host.stop();
		throw error;
	}
}

function recordedBus(
	record: (event: BusEvent) => void,
	warn: (plugin: string, message: string) => void,
): EventBus {
	const bus = new MemoryEventBus(warn);
	return {
		publish(event: NewEvent) {
			const taken = bus.publish(event);
			record(taken);
			return taken;
		},
		subscribe: (subscriber) => bus.subscribe(subscriber),
	};
}
