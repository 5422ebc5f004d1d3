import { createHook } from 'node:async_hooks';
import { readdirSync } from 'node:fs';
import { Socket } from 'node:net';
import v8 from 'node:v8';
import { FrameLink } from '../../src/runtime/carrier/framed/frame-link.ts';
import { QuicDriver } from '../../src/runtime/carrier/quic/driver/quic-driver.ts';
import { UdpSocket } from '../../src/runtime/carrier/quic/driver/udp-socket.ts';
import { patienceMs } from '../support/patience.ts';

/** What may not pile up. Whatever keeps a connection or an exchange keeps one of these. */
const kinds = { Socket, FrameLink, UdpSocket, QuicDriver };

/** How many there are of each thing that a connection is made of. */
export type OpenThings = Readonly<Record<string, number>>;

type QueryObjects = (kind: unknown, options: { format: 'count' }) => number;

/** Counts what is open in this process: what cannot be counted on a system or a runtime is left out. */
export class OpenThingsCounter {
	readonly #timers = new Set<number>();
	readonly #hook = createHook({
		init: (id, type) => {
			if (type === 'Timeout') this.#timers.add(id);
		},
		destroy: (id) => {
			this.#timers.delete(id);
		},
	});

	constructor() {
		// Deno has no hooks: there only referenced timers count, below.
		if (!('Deno' in globalThis)) this.#hook.enable();
	}

	count(): OpenThings {
		return { ...this.#open(), ...this.#alive() };
	}

	#open(): OpenThings {
		const things: Record<string, number> = {};
		for (const name of process.getActiveResourcesInfo()) {
			if (/immediate|timeout/i.test(name)) continue;
			things[`active ${name}`] = (things[`active ${name}`] ?? 0) + 1;
		}
		if (process.platform === 'linux') things.descriptors = readdirSync('/proc/self/fd').length;
		things['listeners of the process'] = process
			.eventNames()
			.reduce((sum, name) => sum + process.listenerCount(name), 0);
		things['timers, unreferenced ones too'] = this.#timers.size;
		return things;
	}

	/** It costs a garbage collection for each kind. */
	#alive(): OpenThings {
		const things: Record<string, number> = {};
		const { queryObjects } = v8 as { queryObjects?: QueryObjects };
		if (queryObjects) {
			for (const [name, kind] of Object.entries(kinds))
				things[name] = queryObjects(kind, { format: 'count' });
		}
		return things;
	}

	/** Waits until there is no more of anything than before, give or take what comes and goes anyway. */
	async expectNoMore(before: OpenThings, slack: number, timeoutMs = patienceMs): Promise<void> {
		const deadline = Date.now() + timeoutMs;
		for (const look of [() => this.#open(), () => this.#alive()]) {
			for (;;) {
				const more = Object.entries(look()).filter(([name, count]) => count > (before[name] ?? 0) + slack);
				if (more.length === 0) break;
				if (Date.now() > deadline) {
					const list = more.map(([name, count]) => `${count} ${name} (${before[name] ?? 0} before)`);
					throw new Error(`left behind: ${list.join(', ')}`);
				}
				await new Promise((resolve) => setTimeout(resolve, 50));
			}
		}
	}

	stop(): void {
		this.#hook.disable();
	}
}
