import { Console } from 'node:console';
import type { StdioData } from '../../grpc/own-messages.ts';
import { onDeno } from '../../platform/on-deno.ts';

/** Bytes that wait for the host to read them; what comes beyond is dropped. */
const maxWaiting = 1024 * 1024;

/** Bytes of one piece: go-plugin's own. */
const pieceSize = 1024;

type Write = typeof process.stdout.write;

/**
 * Output of this process, for its host: a Go host reads stdout and stderr over gRPC once the handshake is said. A host that does not
 * read never stops the plugin: the last that does not fit is dropped, and counted in a line.
 */
export class CapturedOutput {
	readonly #waiting: StdioData[] = [];
	#waitingBytes = 0;
	#dropped = 0;
	#wake: () => void = () => {};
	#closed = false;

	/** Takes what is printed from now on. Returns the writer of the real stderr, which stays for the log. */
	capture(): (text: string) => void {
		const stderr = process.stderr.write.bind(process.stderr);
		// Without its host nobody reads, which ends nothing.
		for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
		process.stdout.write = this.#writer(1);
		process.stderr.write = this.#writer(2);
		// Deno's own console writes past these.
		if (onDeno) globalThis.console = new Console(process.stdout, process.stderr);
		return (text) => void stderr(text);
	}

	/** No more is coming. */
	close(): void {
		this.#closed = true;
		this.#wake();
	}

	/** The pieces, each once. Whoever reads says when there is room for more. */
	async *read(): AsyncGenerator<StdioData> {
		for (;;) {
			const next = this.#waiting.shift();
			if (next) {
				this.#waitingBytes -= next.data.length;
				yield next;
			} else if (this.#dropped > 0) {
				const text = `(${this.#dropped} bytes of output were dropped here: nobody read them)\n`;
				this.#dropped = 0;
				yield { channel: 2, data: Buffer.from(text) };
			} else if (this.#closed) return;
			else {
				await new Promise<void>((resolve) => {
					this.#wake = resolve;
				});
			}
		}
	}

	#writer(channel: number): Write {
		const write = (
			chunk: string | Uint8Array,
			encoding?: BufferEncoding | ((error?: Error | null) => void),
			done?: (error?: Error | null) => void,
		): boolean => {
			const bytes =
				typeof chunk === 'string'
					? Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8')
					: Buffer.from(chunk);
			this.#add(channel, bytes);
			const callback = typeof encoding === 'function' ? encoding : done;
			if (callback) queueMicrotask(callback);
			return true;
		};
		return write as Write;
	}

	#add(channel: number, bytes: Buffer): void {
		for (let at = 0; at < bytes.length; at += pieceSize) {
			const data = bytes.subarray(at, at + pieceSize);
			if (this.#waitingBytes + data.length > maxWaiting) this.#dropped += data.length;
			else {
				this.#waiting.push({ channel, data });
				this.#waitingBytes += data.length;
			}
		}
		this.#wake();
	}
}
