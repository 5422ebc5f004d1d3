import { clearTimeout, setTimeout } from 'node:timers';
import type { OrchestraError } from '../../wire/orchestra-error.ts';
import { closeTimeoutMs } from './frame-limits.ts';
import type { FramedServerConnection } from './framed-server-connection.ts';

/** The connections that a listener serves: it owns them from the first to the last. */
export class ServedConnections {
	readonly #connections = new Set<FramedServerConnection>();
	#onQuiet: (() => void) | undefined;

	/** Those that are open now. */
	get size(): number {
		return this.#connections.size;
	}

	/** Those that are open now; it may change meanwhile. */
	all(): FramedServerConnection[] {
		return [...this.#connections];
	}

	add(connection: FramedServerConnection): void {
		this.#connections.add(connection);
	}

	/** A connection has ended; false where it was not among them. */
	remove(connection: FramedServerConnection): boolean {
		const had = this.#connections.delete(connection);
		if (this.#connections.size === 0) this.#onQuiet?.();
		return had;
	}

	/** Refuses new requests, lets those under way end for `graceMs`, and ends the connections with `reason`. */
	async close(graceMs: number, reason: OrchestraError): Promise<void> {
		for (const connection of this.all()) connection.drain();
		if (graceMs > 0) await this.#quiet(graceMs);
		for (const connection of this.all()) {
			if (connection.underWay > 0) connection.destroy(reason);
		}
		// Those left have only their goodbye to say.
		await this.#quiet(closeTimeoutMs);
		for (const connection of this.all()) connection.destroy(reason);
	}

	/** Waits until no connection is left, for `ms` at most. */
	async #quiet(ms: number): Promise<void> {
		if (this.#connections.size === 0) return;
		let timer: ReturnType<typeof setTimeout> | undefined;
		await new Promise<void>((resolve) => {
			timer = setTimeout(resolve, ms);
			this.#onQuiet = resolve;
		});
		clearTimeout(timer);
		this.#onQuiet = undefined;
	}
}
