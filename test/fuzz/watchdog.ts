import { Worker } from 'node:worker_threads';

/** Milliseconds that one input may take. */
const hangMs = 30_000;

/**
 * Ends the process when an input takes too long, and says which: a thread of its own looks, since this one would be the one that
 * hangs.
 */
export class Watchdog {
	readonly #turns: Int32Array;
	readonly #bytes: Uint8Array;
	readonly #worker: Worker;

	constructor(maxBytes: number) {
		const shared = new SharedArrayBuffer(8 + maxBytes);
		this.#turns = new Int32Array(shared, 0, 2);
		this.#bytes = new Uint8Array(shared, 8);
		this.#worker = new Worker(program, { eval: true, workerData: { shared, hangMs } });
		this.#worker.unref();
	}

	/** Notes which input comes next. */
	before(input: Uint8Array): void {
		this.#bytes.set(input);
		this.#turns[1] = input.length;
		Atomics.add(this.#turns, 0, 1);
	}

	async stop(): Promise<void> {
		await this.#worker.terminate();
	}
}

const program = `
const { workerData: { shared, hangMs } } = require('node:worker_threads');
const turns = new Int32Array(shared, 0, 2);
let last = -1;
setInterval(() => {
	const now = Atomics.load(turns, 0);
	if (now === last) {
		const hex = Buffer.from(shared, 8, turns[1]).toString('hex');
		require('node:fs').writeSync(1, JSON.stringify({ hang: hex }) + '\\n');
		process.kill(process.pid, 'SIGKILL');
	}
	last = now;
}, hangMs);
`;
