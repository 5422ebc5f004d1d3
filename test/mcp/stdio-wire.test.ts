import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { StdioWire } from '../../src/mcp/serving/stdio-wire.ts';
import { waitUntil } from '../support/wait-until.ts';

/** A wire whose messages somebody takes, but for those that say `"method":"sdk"`. */
async function open(output: Writable = new PassThrough()) {
	const input = new PassThrough();
	const taken: unknown[] = [];
	const passed: unknown[] = [];
	const errors: string[] = [];
	const wire = new StdioWire(
		input,
		output,
		(message) => {
			if ((message as { method?: string }).method === 'sdk') return false;
			taken.push(message);
			return true;
		},
		(text) => errors.push(text),
	);
	let closed = false;
	wire.onmessage = (message) => passed.push(message);
	wire.onerror = ({ message }) => errors.push(message);
	wire.onclose = () => {
		closed = true;
	};
	await wire.start();
	return { input, output, wire, taken, passed, errors, isClosed: () => closed };
}

test('a message is read however its bytes come, and what is none is passed over', async () => {
	const { input, output, taken, passed, errors } = await open();
	const text = `{"a":"é€😀"}\r\n\nno JSON\n{"b":2}\n{"jsonrpc":"2.0","method":"sdk"}\n{"method":"sdk"}\n{"c":3`;
	for (const byte of Buffer.from(text)) input.write(Buffer.of(byte));
	input.write('}\n{"d":4}\n');
	await waitUntil(() => taken.length === 4);
	expect(taken).toEqual([{ a: 'é€😀' }, { b: 2 }, { c: 3 }, { d: 4 }]);
	expect(passed).toEqual([{ jsonrpc: '2.0', method: 'sdk' }]);
	// Neither a line that is no JSON nor one that is no message goes unanswered, and both are told.
	expect(errors).toEqual([
		'a line from the client is no JSON: "no JSON"',
		expect.stringMatching(/^a line from the client is no message of JSON-RPC 2\.0: /),
	]);
	await waitUntil(() => (output as PassThrough).readableLength > 0);
	const answers = String((output as PassThrough).read())
		.trimEnd()
		.split('\n');
	expect(answers.map((line) => JSON.parse(line))).toMatchObject([
		{ jsonrpc: '2.0', id: null, error: { code: -32_700 } },
		{ jsonrpc: '2.0', id: null, error: { code: -32_600 } },
	]);
});

test('of lines that are no message the beginning is told, and of many the first ones', async () => {
	const { input, errors, output } = await open();
	(output as PassThrough).resume();
	for (let index = 0; index < 1000; index++) input.write(`${'x'.repeat(1000)}\n`);
	await waitUntil(() => errors.length === 10);
	await new Promise(setImmediate);
	expect(errors).toHaveLength(10);
	for (const error of errors) expect(error.length).toBeLessThan(200);
	expect(errors.at(-1)).toContain('more of them are not told');
});

test('answers of one turn leave in one write', async () => {
	const writes: string[] = [];
	const output = new Writable({
		decodeStrings: false,
		write(text: string, _encoding, done) {
			writes.push(text);
			done();
		},
	});
	const { wire } = await open(output);
	await Promise.all([1, 2, 3].map(async (id) => wire.answer({ id })));
	await waitUntil(() => writes.length > 0);
	expect(writes).toEqual(['{"id":1}\n{"id":2}\n{"id":3}\n']);
	wire.answer({ id: 4 });
	await wire.close();
	expect(writes).toHaveLength(2);
	await expect(wire.send({ id: 5 })).rejects.toThrow('closed');
});

test('who does not read the answers is not read either, until he does', async () => {
	const output = new PassThrough({ highWaterMark: 100 });
	const { input, wire, taken } = await open(output);
	wire.answer({ text: 'x'.repeat(200) });
	const sent = wire.send({ id: 1 });
	await waitUntil(() => input.isPaused());
	input.write('{"a":1}\n');
	let isSent = false;
	void sent.then(() => {
		isSent = true;
	});
	await new Promise(setImmediate);
	expect(taken).toEqual([]);
	output.resume();
	await waitUntil(() => taken.length === 1);
	void wire.send({ id: 2 });
	await waitUntil(() => isSent || !input.isPaused());
});

test('a message of more than 16 MiB ends the connection, and so do the ends of both streams', async () => {
	const large = await open();
	for (let index = 0; index < 17; index++) large.input.write(Buffer.alloc(1024 * 1024, 'x'));
	await waitUntil(large.isClosed);
	expect(large.errors[0]).toContain('bytes');
	const ended = await open();
	ended.input.end();
	await waitUntil(ended.isClosed);
	const gone = await open();
	gone.output.destroy(new Error('EPIPE'));
	await waitUntil(gone.isClosed);
	expect(gone.errors).toEqual(['EPIPE']);
});
