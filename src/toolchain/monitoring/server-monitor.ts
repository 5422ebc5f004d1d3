import type { Orchestrator } from '../../runtime/orchestrator/orchestrator.ts';
import { CallMetrics } from './call-metrics.ts';
import { type Monitor, openMonitor } from './monitor.ts';
import type { MonitorAddress } from './monitor-address.ts';

/** The monitor of a server, which may be opened, moved and closed while it runs. Without one nothing is counted. */
export class ServerMonitor {
	readonly #orchestrator: Orchestrator;
	#monitor: Monitor | undefined;
	#address: MonitorAddress | undefined;
	/** Counts so far: they stay where the monitor moves. */
	#calls: CallMetrics | undefined;
	#stopCounting: (() => void) | undefined;

	constructor(orchestrator: Orchestrator) {
		this.#orchestrator = orchestrator;
	}

	/** `http://host:port`; undefined where there is none. */
	get url(): string | undefined {
		return this.#monitor?.url;
	}

	/**
	 * Listens at an address from now on, and nowhere else; undefined: nowhere.
	 *
	 * @throws OrchestraError `address_in_use`, `invalid_address`; it stays where it was then
	 */
	async move(address: MonitorAddress | undefined): Promise<void> {
		const before = this.#address;
		// First: the next one may want the same port.
		await this.#monitor?.close();
		this.#monitor = undefined;
		if (!address) {
			await this.close();
			return;
		}
		try {
			await this.#open(address);
		} catch (error) {
			if (before) await this.#open(before).catch(() => this.close());
			throw error;
		}
	}

	async close(): Promise<void> {
		this.#stopCounting?.();
		this.#stopCounting = undefined;
		this.#calls = undefined;
		this.#address = undefined;
		const monitor = this.#monitor;
		this.#monitor = undefined;
		await monitor?.close();
	}

	async #open(address: MonitorAddress): Promise<void> {
		const calls = this.#calls ?? new CallMetrics();
		this.#monitor = await openMonitor(this.#orchestrator, address, calls);
		this.#address = address;
		this.#calls = calls;
		this.#stopCounting ??= this.#orchestrator.observeCalls(calls);
	}
}
