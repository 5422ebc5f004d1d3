const client = ['client/plugin-client.test.ts'];
const stream = ['client/tool-stream.test.ts'];

/** @type {import('../../scripts/run-mutants.mjs').Mutant[]} */
export default [
	{
		breaks: 'progress that nobody asked for does not stall a call',
		file: 'runtime/client/call-sink.ts',
		from: 'this.exchange?.consumed(response);',
		to: 'if (this.onProgress) this.exchange?.consumed(response);',
		tests: client,
	},
	{
		breaks: 'progress of a stream that nobody asked for does not use its window',
		file: 'runtime/client/chunk-queue.ts',
		from: '\t\t\tthis.exchange?.consumed(response);\n\t\t\ttellProgress',
		to: '\t\t\ttellProgress',
		tests: stream,
	},
	{
		breaks: "a stream's window holds beside a default time-out",
		file: 'runtime/client/connection-client.ts',
		from: 'return { timeoutMs: this.#defaults.timeoutMs, signal, windowBytes, timing };',
		to: 'void windowBytes;\n\t\treturn { timeoutMs: this.#defaults.timeoutMs, signal, timing };',
		tests: [...stream, ...client],
	},
	{
		breaks: 'a call can be cancelled beside a default time-out',
		file: 'runtime/client/connection-client.ts',
		from: 'return { timeoutMs: this.#defaults.timeoutMs, signal, windowBytes, timing };',
		to: 'void signal;\n\t\treturn { timeoutMs: this.#defaults.timeoutMs, windowBytes, timing };',
		tests: [...client, ...stream],
	},
	{
		breaks: "a call's own time-out wins over the client's",
		file: 'runtime/client/connection-client.ts',
		from: 'if (options.timeoutMs !== undefined || this.#defaults === undefined) return options;',
		to: 'if (this.#defaults === undefined) return options;',
		tests: client,
	},
	{
		breaks: 'the request that has to be told its progress says so',
		file: 'runtime/client/connection-client.ts',
		from: '\t\tif (onProgress) request.acceptsProgress = true;\n',
		to: '',
		tests: [...client, 'carriers/compliance.test.ts'],
	},
	{
		breaks: 'a chunk counts as read when it is taken, not before',
		file: 'runtime/client/chunk-queue.ts',
		from: 'else this.#chunks.push(response);',
		to: 'else {\n\t\t\tthis.exchange?.consumed(response);\n\t\t\tthis.#chunks.push(response);\n\t\t}',
		tests: stream,
	},
	{
		breaks: 'a chunk that is missing ends the stream',
		file: 'runtime/client/chunk-queue.ts',
		from: 'if (sequence !== this.#received) {',
		to: 'if (sequence < this.#received) {',
		tests: stream,
	},
	{
		breaks: 'a stream that ends too early is told by its count',
		file: 'runtime/client/chunk-queue.ts',
		from: 'if (!end.totalChunks || end.totalChunks === this.#received) return undefined;',
		to: 'if (!end.totalChunks || end.totalChunks >= this.#received) return undefined;',
		tests: stream,
	},
	{
		breaks: 'a reader that leaves its loop tells the peer',
		file: 'runtime/client/chunk-queue.ts',
		from: '\t\t\tthis.exchange?.cancel();\n',
		to: '',
		tests: stream,
	},
	{
		breaks: 'what a stream reads is let go when the stream ends',
		file: 'runtime/client/tool-stream.ts',
		from: 'queue.onEnd = () => pump.stop();',
		to: '',
		tests: [...stream, 'carriers/compliance.test.ts'],
	},
	{
		breaks: 'output that nobody asked for does not end a call',
		file: 'runtime/client/call-sink.ts',
		from: 'if (progress.output) onOutput?.(progress.output);',
		to: 'if (progress.output && onOutput) onOutput(progress.output);',
		tests: client,
		harmless:
			'where nobody listens for output the other branch has no listener either, or one for progress of 0, which a peer sends only to a caller that asked for both',
	},
];
