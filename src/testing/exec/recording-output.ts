import type { OutputSink, SessionOutput } from '../../runtime/exec/output-sink.ts';
import type { StreamSignal } from '../../runtime/exec/stream-signal.ts';

/** A sink that keeps what it gets. */
export class RecordingOutput implements OutputSink {
	readonly outputs: SessionOutput[] = [];
	/** Reason for its end, where it was detached. */
	detached: string | undefined;
	readonly #waiting = new Set<() => void>();
	#held: Promise<void> | undefined;
	#release: (() => void) | undefined;

	onOutput(output: SessionOutput): void | Promise<void> {
		this.outputs.push(output);
		this.#tell();
		return this.#held;
	}

	onDetached(reason: string): void {
		this.detached = reason;
		this.#tell();
	}

	/** Takes no more, until {@link resume}: a viewer that does not read. */
	pause(): void {
		this.#held ??= new Promise((resolve) => {
			this.#release = resolve;
		});
	}

	resume(): void {
		this.#held = undefined;
		this.#release?.();
	}

	/** The output alone, without `ERROR` and `CLOSE`. */
	dataOutputs(): SessionOutput[] {
		return this.outputs.filter(({ signal }) => signal === 'NONE');
	}

	/** All output in one. */
	allData(): Buffer {
		return Buffer.concat(this.dataOutputs().map(({ data }) => data));
	}

	/** @param timeoutMs default 10 s */
	waitForOutputs(count: number, timeoutMs?: number): Promise<void> {
		return this.waitUntil(() => this.outputs.length >= count, `${count} outputs`, timeoutMs);
	}

	waitForSignal(signal: StreamSignal, timeoutMs?: number): Promise<void> {
		return this.waitUntil(() => this.outputs.some((output) => output.signal === signal), signal, timeoutMs);
	}

	waitForText(text: string, timeoutMs?: number): Promise<void> {
		return this.waitUntil(() => this.allData().includes(text), JSON.stringify(text), timeoutMs);
	}

	/** Waits until something is true of what came. Rejects after `timeoutMs`. */
	waitUntil(condition: () => boolean, what: string, timeoutMs = 10_000): Promise<void> {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => {
				this.#waiting.delete(look);
				const got = this.outputs.map(({ signal, data }) => `${signal} ${data.length} B`).join(', ');
				reject(new Error(`${what} did not come in ${timeoutMs} ms; what came: ${got || 'nothing'}`));
			}, timeoutMs);
			const look = () => {
				if (!condition()) return;
				clearTimeout(timer);
				this.#waiting.delete(look);
				resolve();
			};
			this.#waiting.add(look);
			look();
		});
	}

	#tell(): void {
		for (const look of this.#waiting) look();
	}
}
