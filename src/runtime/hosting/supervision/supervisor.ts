import { longestTimerMs } from '../../carrier/deadline-queue.ts';
import { isRefusal } from '../../carrier/refusal.ts';
import { createClient } from '../../client/plugin-client.ts';
import type { LogEntry } from '../../plugin/definition/log.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { HostedPlugin } from '../hosted-plugin.ts';
import type { PluginSlot } from '../plugin-slot.ts';
import type { SupervisionPolicy } from './supervision-policy.ts';

/** Health answers in a row that are missing when a plugin counts as hanging. */
const missesOfHang = 2;

/** Lines of its log that are told of a plugin that is given up. */
const lastLines = 50;

/** State that a supervisor keeps of one slot. */
interface Watched {
	/** When it was restarted, in milliseconds of Date.now(); only what still counts. */
	restarts: number[];
	/** Starts in a row that somebody refused. */
	refusals: number;
	restartTimer: ReturnType<typeof setTimeout> | undefined;
	healthTimer: ReturnType<typeof setTimeout> | undefined;
	idleTimer: ReturnType<typeof setTimeout> | undefined;
	/** The plugin whose health is asked for. */
	plugin: HostedPlugin | undefined;
	misses: number;
}

/**
 * Keeps plugins running: starts again what crashed, with growing delays and within a budget; finds what hangs, and stops what nobody
 * has called for long. It acts on slots whose policy says so.
 */
export class Supervisor {
	readonly #watched = new Map<PluginSlot, Watched>();
	readonly #log: (entry: LogEntry) => void;
	readonly #onHealth: (slot: PluginSlot) => void;
	#closed = false;

	/** @param onHealth called with each slot whose plugin was asked for its health */
	constructor(log: (entry: LogEntry) => void, onHealth: (slot: PluginSlot) => void = () => {}) {
		this.#log = log;
		this.#onHealth = onHealth;
	}

	/** To be called when the state of a slot has changed. */
	changed(slot: PluginSlot): void {
		const { supervision, idleStopMs } = slot.policy;
		if (this.#closed || (!supervision && idleStopMs === undefined)) return;
		const watched = this.#of(slot);
		if (slot.state !== 'running') clearTimers(watched);
		switch (slot.state) {
			case 'running':
				if (watched.plugin === slot.plugin) break;
				clearTimers(watched);
				watched.plugin = slot.plugin;
				watched.misses = 0;
				if (supervision && slot.source.kind !== 'embedded') this.#askLater(slot, watched, supervision);
				this.#startDependents(slot);
				if (idleStopMs !== undefined) this.#stopWhenIdle(slot, watched, idleStopMs);
				break;
			case 'crashed':
				if (supervision?.when === 'on-failure') this.#restart(slot, watched, supervision);
				break;
			case 'failed':
				// A start after a crash is part of it; of others those that may go well the next time are tried again.
				if (
					supervision?.when === 'on-failure' &&
					(watched.restarts.length > 0 || (slot.failure && !isRefusal(slot.failure)))
				) {
					this.#restart(slot, watched, supervision);
				}
				break;
			case 'stopped':
				watched.restarts = [];
				watched.refusals = 0;
				break;
		}
	}

	/** Forgets a slot. */
	remove(slot: PluginSlot): void {
		const watched = this.#watched.get(slot);
		if (watched) clearTimers(watched);
		this.#watched.delete(slot);
	}

	/** Acts no more. */
	close(): void {
		this.#closed = true;
		for (const slot of [...this.#watched.keys()]) this.remove(slot);
	}

	#of(slot: PluginSlot): Watched {
		const known = this.#watched.get(slot);
		if (known) return known;
		const watched: Watched = {
			restarts: [],
			refusals: 0,
			restartTimer: undefined,
			healthTimer: undefined,
			idleTimer: undefined,
			plugin: undefined,
			misses: 0,
		};
		this.#watched.set(slot, watched);
		return watched;
	}

	#restart(slot: PluginSlot, watched: Watched, policy: SupervisionPolicy): void {
		const now = Date.now();
		watched.plugin = undefined;
		watched.restarts = watched.restarts.filter((time) => now - time < policy.withinMs);
		watched.refusals = slot.failure && isRefusal(slot.failure) ? watched.refusals + 1 : 0;
		const count = watched.restarts.length;
		const isRemote = slot.source.kind === 'remote';
		// A peer that cannot be reached may come back by itself; one that is refused, or refuses us, waits for somebody.
		if ((isRemote ? watched.refusals : count) >= policy.budget) {
			const what = isRemote
				? `refused ${watched.refusals} times in a row`
				: `${count} restart${count === 1 ? '' : 's'} within ${policy.withinMs / 1000} s`;
			watched.restarts = [];
			watched.refusals = 0;
			const message = `it is given up: ${what}. The last of them: ${slot.status.reason}`;
			const output = slot.log.tail(lastLines).map(({ text }) => text);
			this.#log({ level: 'error', plugin: slot.id, message, fields: { output } });
			slot.giveUp(message);
			return;
		}
		watched.restarts.push(now);
		const { initialMs, maxMs } = policy.backOff;
		const longestMs = Math.min(maxMs, initialMs * 2 ** Math.min(count, 30), longestTimerMs);
		const delayMs = longestMs * (1 - Math.random() / 2);
		const message = `it is started again in ${Math.round(delayMs)} ms, for the ${ordinal(count + 1)} time`;
		this.#log({ level: 'warn', plugin: slot.id, message });
		watched.restartTimer = setTimeout(() => startAgain(slot), delayMs);
	}

	/** Starts what could not be started because this plugin did not run. */
	#startDependents(slot: PluginSlot): void {
		for (const other of this.#watched.keys()) {
			const { failure, policy } = other;
			if (other.state !== 'failed' || failure?.details?.dependency !== slot.id) continue;
			if (policy.supervision?.when !== 'on-failure') continue;
			const message = `it is started, now that ${slot.id} runs`;
			this.#log({ level: 'info', plugin: other.id, message });
			startAgain(other);
		}
	}

	#askLater(slot: PluginSlot, watched: Watched, policy: SupervisionPolicy): void {
		watched.healthTimer = setTimeout(() => void this.#ask(slot, watched, policy), policy.healthEveryMs);
		watched.healthTimer.unref();
	}

	async #ask(slot: PluginSlot, watched: Watched, policy: SupervisionPolicy): Promise<void> {
		const { plugin } = watched;
		if (!plugin || slot.plugin !== plugin) return;
		const startedAt = performance.now();
		try {
			const health = await createClient(plugin.connection).health({ timeoutMs: policy.healthTimeoutMs });
			watched.misses = 0;
			slot.noteHealth(health, performance.now() - startedAt);
		} catch (error) {
			const { code, message } = OrchestraError.from(error, 'internal');
			// Whatever else goes wrong is an answer, or is told by the end of the plugin.
			if (code === 'deadline_exceeded') watched.misses++;
			slot.noteHealth({ status: 'unhealthy' }, performance.now() - startedAt);
			if (watched.misses === 1) {
				this.#log({ level: 'warn', plugin: slot.id, message: `it does not say how it is: ${message}` });
			}
		}
		if (slot.plugin !== plugin || this.#closed) return;
		this.#onHealth(slot);
		if (watched.misses < missesOfHang) {
			this.#askLater(slot, watched, policy);
			return;
		}
		const seconds = (missesOfHang * (policy.healthEveryMs + policy.healthTimeoutMs)) / 1000;
		await slot.replace(`it hangs: it has not answered for ${seconds} s`);
	}

	#stopWhenIdle(slot: PluginSlot, watched: Watched, idleStopMs: number): void {
		const idleMs = Date.now() - slot.lastCall;
		const busy = slot.underWay().length > 0;
		if (!busy && idleMs >= idleStopMs) {
			void slot.rest('nobody has called it for a while');
			return;
		}
		const inMs = Math.min(busy ? idleStopMs : idleStopMs - idleMs, longestTimerMs);
		watched.idleTimer = setTimeout(() => this.#stopWhenIdle(slot, watched, idleStopMs), Math.max(inMs, 10));
		watched.idleTimer.unref();
	}
}

/** Starts a plugin whose start has failed, or that crashed. Where its names were not known yet it rests then, if it is started by calls. */
function startAgain(slot: PluginSlot): void {
	const isFirst = slot.known === undefined;
	slot.start().then(
		() => (isFirst && slot.policy.startOnCall ? slot.rest('it is started when it is called') : undefined),
		() => {},
	);
}

function clearTimers(watched: Watched): void {
	clearTimeout(watched.restartTimer);
	clearTimeout(watched.healthTimer);
	clearTimeout(watched.idleTimer);
}

function ordinal(n: number): string {
	return ['first', 'second', 'third', 'fourth', 'fifth'][n - 1] ?? `${n}th`;
}
