import type { Readable, Writable } from 'node:stream';
import { type JSONRPCMessage, parseJSONRPCMessage, type Transport } from '@modelcontextprotocol/server';
import { LineSplitter } from '../../runtime/launching/line-splitter.ts';

/** Bytes of a message from the client, at most: as much as a message of our own protocol. */
const maxMessageBytes = 16 * 1024 * 1024;

/** Characters of a line that is no message which are told, and how many such lines are. */
const maxToldCharacters = 80;
const maxToldLines = 10;

/** Ways to go on with a message that somebody has taken. */
export interface WireEnd {
	/** Sends a message to the client. */
	answer(message: object): void;
	/** Leaves a message to the SDK after all. */
	pass(message: object): void;
}

/** Looks at a message before the SDK does. @returns whether it has taken it */
export type TakeMessage = (message: unknown, wire: WireEnd) => boolean;

/**
 * MCP's messages over two streams, one a line, as a transport of the SDK. A message that somebody takes before is not checked against the
 * SDK's schemas, and answers of one turn leave in one write.
 *
 * A client that does not read its answers is not read either, until it does.
 */
export class StdioWire implements Transport, WireEnd {
	onmessage?: Transport['onmessage'];
	onerror?: Transport['onerror'];
	onclose?: Transport['onclose'];
	readonly #input: Readable;
	readonly #output: Writable;
	readonly #take: TakeMessage;
	readonly #lines = new LineSplitter(
		(line) => this.#readLine(line),
		maxMessageBytes,
		() => this.#refuse(),
	);
	readonly #warn: (text: string) => void;
	/** Answers of this turn. */
	#waiting: string[] = [];
	/** Senders that wait until there is room for more. */
	#untilRoom: (() => void)[] = [];
	#isFull = false;
	/** Lines that were no messages. */
	#garbled = 0;
	#closed = false;

	/** @param warn hears of lines that are no messages */
	constructor(input: Readable, output: Writable, take: TakeMessage, warn: (text: string) => void) {
		this.#input = input;
		this.#output = output;
		this.#take = take;
		this.#warn = warn;
	}

	async start(): Promise<void> {
		this.#input.on('data', this.#read).on('error', this.#fail);
		this.#input.on('end', this.#end).on('close', this.#end);
		this.#output.on('error', this.#failOutput).on('drain', this.#drained);
		if (this.#input.readableEnded || this.#input.destroyed) setImmediate(this.#end);
	}

	send(message: object): Promise<void> {
		if (this.#closed) return Promise.reject(new Error('the connection has been closed'));
		this.#write(message);
		if (!this.#isFull) return Promise.resolve();
		return new Promise((resolve) => this.#untilRoom.push(resolve));
	}

	async close(): Promise<void> {
		if (this.#closed) return;
		this.#flush();
		this.#closed = true;
		this.#input.off('data', this.#read).off('error', this.#fail);
		this.#input.off('end', this.#end).off('close', this.#end);
		this.#output.off('drain', this.#drained);
		if (this.#input.listenerCount('data') === 0) this.#input.pause();
		this.#releaseWaiting();
		this.onclose?.();
	}

	readonly #read = (chunk: Buffer): void => this.#lines.push(chunk);

	#readLine(line: string): void {
		// A message before it in the same chunk may have ended the connection.
		if (this.#closed) return;
		let message: unknown;
		try {
			message = JSON.parse(line);
		} catch {
			if (line.trim() !== '') this.#refuseLine(line, -32_700, 'no JSON');
			return;
		}
		try {
			if (this.#take(message, this)) return;
			const checked = checkedMessage(message);
			if (checked) this.onmessage?.(checked);
			else this.#refuseLine(line, -32_600, 'no message of JSON-RPC 2.0');
		} catch (error) {
			this.onerror?.(error as Error);
		}
	}

	/** Answers a line that is no message, as JSON-RPC has it, and tells of it: of the first ones only, since a client may write nothing else. */
	#refuseLine(line: string, code: number, what: string): void {
		this.answer({ jsonrpc: '2.0', id: null, error: { code, message: `the line is ${what}` } });
		this.#garbled++;
		if (this.#garbled > maxToldLines) return;
		const begin = JSON.stringify(line.slice(0, maxToldCharacters));
		const rest = line.length > maxToldCharacters ? `… (${line.length} characters)` : '';
		const more = this.#garbled === maxToldLines ? '; more of them are not told' : '';
		this.#warn(`a line from the client is ${what}: ${begin}${rest}${more}`);
	}

	answer(message: object): void {
		if (!this.#closed) this.#write(message);
	}

	pass(message: unknown): void {
		if (!this.#closed) this.onmessage?.(parseJSONRPCMessage(message));
	}

	#write(message: object): void {
		this.#waiting.push(JSON.stringify(message));
		// After everything that this turn still has to do.
		if (this.#waiting.length === 1) process.nextTick(this.#flush);
	}

	readonly #flush = (): void => {
		if (this.#closed || this.#waiting.length === 0) return;
		const text = `${this.#waiting.join('\n')}\n`;
		this.#waiting = [];
		if (this.#output.write(text)) return;
		this.#isFull = true;
		this.#input.pause();
	};

	readonly #drained = (): void => {
		this.#isFull = false;
		if (!this.#closed) this.#input.resume();
		this.#releaseWaiting();
	};

	#releaseWaiting(): void {
		const waiting = this.#untilRoom;
		this.#untilRoom = [];
		for (const resolve of waiting) resolve();
	}

	#refuse(): void {
		if (this.#closed) return;
		this.onerror?.(new Error(`a message has more than ${maxMessageBytes} bytes`));
		this.#end();
	}

	readonly #end = (): void => void this.close();

	readonly #fail = (error: Error): void => this.onerror?.(error);

	readonly #failOutput = (error: Error): void => {
		if (this.#closed) return;
		this.onerror?.(error);
		void this.close();
	};
}

/** A message as the SDK takes it; undefined where it is none. */
function checkedMessage(message: unknown): JSONRPCMessage | undefined {
	try {
		return parseJSONRPCMessage(message);
	} catch {
		return undefined;
	}
}
