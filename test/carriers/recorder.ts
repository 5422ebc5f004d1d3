import assert from 'node:assert/strict';
import type { Connection } from '../../src/runtime/carrier/carrier.ts';
import type {
	OpenOptions,
	OutgoingExchange,
	ResponseSink,
} from '../../src/runtime/carrier/outgoing-exchange.ts';
import { fromErrorInfo } from '../../src/runtime/wire/error-info.ts';
import type { PluginRequest, PluginResponse } from '../../src/runtime/wire/generated/messages.ts';
import type { JsonObject } from '../../src/runtime/wire/json-value.ts';
import type { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { signalled, within } from './within.ts';

/** Opens an exchange and writes down all that its sink hears. Takes every chunk at once unless told to hold them. */
export class Recorder implements ResponseSink {
	readonly exchange: OutgoingExchange;
	/** What came before the last response. */
	readonly parts: PluginResponse[] = [];
	/** How often the sink heard an end: one is right. */
	ends = 0;
	readonly #hold: boolean;
	readonly #opened: boolean;
	readonly #end = signalled<{ response?: PluginResponse; error?: OrchestraError }>();
	#waiting: (() => void)[] = [];

	constructor(
		connection: Connection,
		request: PluginRequest,
		options: OpenOptions & { hold?: boolean } = {},
	) {
		this.#hold = options.hold === true;
		this.#opened = false;
		this.exchange = connection.exchange(request, this, options);
		assert.equal(this.ends + this.parts.length, 0, 'the sink heard something before exchange() returned');
		this.#opened = true;
	}

	next(response: PluginResponse): void {
		assert.equal(this.ends, 0, 'a response after the last one');
		this.parts.push(response);
		if (!this.#hold) this.exchange.consumed(response);
		this.#wake();
	}

	done(response: PluginResponse): void {
		this.#ended({ response });
	}

	fail(error: OrchestraError): void {
		this.#ended({ error });
	}

	/** Waits for this many parts, and fails at once where an end comes instead. */
	async partsUpTo(count: number): Promise<PluginResponse[]> {
		while (this.parts.length < count) {
			if (this.ends > 0) {
				const { response, error } = await this.#end.promise;
				const end = error ?? new Error(`the last response: ${JSON.stringify(response?.error)}`);
				throw new Error(`an end in place of ${count} parts (${this.parts.length} came)`, { cause: end });
			}
			const more = signalled();
			this.#waiting.push(more.settle);
			await within(more.promise, `${count} parts (${this.parts.length} came)`);
		}
		return this.parts;
	}

	/** The last response. */
	async response(): Promise<PluginResponse> {
		const { response, error } = await within(this.#end.promise, 'the last response');
		if (!response) throw error;
		return response;
	}

	/** The error with which it failed, whether the peer answered with it or no answer came. */
	async error(): Promise<OrchestraError> {
		const { response, error } = await within(this.#end.promise, 'an error');
		if (error) return error;
		assert.ok(response?.error, `an answer came where an error was due: ${JSON.stringify(response)}`);
		return fromErrorInfo(response.error);
	}

	#ended(end: { response?: PluginResponse; error?: OrchestraError }): void {
		assert.ok(this.#opened, 'the sink heard its end before exchange() returned');
		this.ends += 1;
		assert.equal(this.ends, 1, 'the sink heard two ends');
		this.#end.settle(end);
		this.#wake();
	}

	#wake(): void {
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const wake of waiting) wake();
	}
}

/** A tool call. */
export function toolCall(args: JsonObject = {}, toolName = 'echo'): PluginRequest {
	return { toolCall: { toolName, arguments: args } };
}

/** The start of a stream. */
export function streamStart(args: JsonObject = {}): PluginRequest {
	return { streamStart: { streamId: 's', toolName: 'stream', arguments: args } };
}

/** A value of the result of a tool call. */
export function resultOf(response: PluginResponse, key: string): unknown {
	return response.toolCall?.result?.[key];
}

/** A value of the arguments of a request. */
export function argumentOf(request: PluginRequest, key: string): unknown {
	return (request.toolCall ?? request.streamStart)?.arguments?.[key];
}
