import protobuf, { type Field, type Method, type Type } from 'protobufjs/light.js';
import { decodeJson, encodeJson } from '../../grpc/message-json.ts';
import type { GoPluginConnection } from '../../launching/go-plugin/go-plugin-connection.ts';
import type { JsonObject, JsonValue } from '../../wire/json-value.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { ServedCallbacks } from './callback-services.ts';

/** Plugin that serves the calls, and that it may call back; it is served when the plugin boots. */
export interface CalledPlugin {
	readonly connection: GoPluginConnection;
	/** Fields of requests, by the names that the .proto has, which the host fills in. */
	readonly callbackFields: ReadonlySet<string>;
	callbacks: ServedCallbacks;
}

/** Times of a call. */
export interface MethodTiming {
	readonly signal?: AbortSignal | undefined;
	/** In milliseconds of Date.now(). Default: never. */
	readonly deadline?: number | undefined;
}

/** A field of requests that the host fills in, and the name that the options have for it. */
interface FilledField {
	readonly jsonName: string;
	readonly callback: string;
}

/** One method of a go-plugin, with messages as protobuf has them in JSON. */
export class CalledMethod {
	readonly request: Type;
	readonly response: Type;
	/** Fields of requests that the host fills in. */
	readonly filled: readonly FilledField[];
	readonly #plugin: CalledPlugin;
	readonly #path: string;
	readonly #subject: string;

	/** @param subject how messages call it */
	constructor(plugin: CalledPlugin, method: Method, subject: string) {
		const { resolvedRequestType: request, resolvedResponseType: response, parent } = method;
		if (!request || !response || !parent) {
			throw new OrchestraError('malformed_message', `${subject} has no messages`);
		}
		this.request = request;
		this.response = response;
		this.filled = request.fieldsArray.flatMap((field) => filledField(field, plugin.callbackFields) ?? []);
		this.#plugin = plugin;
		this.#path = `/${parent.fullName.slice(1)}/${method.name}`;
		this.#subject = subject;
	}

	/** @throws OrchestraError what the plugin answered; ToolError `invalid_arguments`, `invalid_response` */
	async unary(args: JsonObject, timing: MethodTiming): Promise<JsonValue> {
		const request = this.#encode(args);
		const { connection } = this.#plugin;
		try {
			const answer = await connection.channel.unary(this.#path, request, this.#options(timing));
			return decodeJson(this.response, answer, this.#subject);
		} catch (error) {
			throw await connection.failureOf(error);
		}
	}

	/** Answers that come one after another. Throws as {@link unary} does. */
	stream(args: JsonObject, timing: MethodTiming): AsyncGenerator<JsonValue, undefined> {
		const { channel } = this.#plugin.connection;
		return this.#read(channel.serverStream(this.#path, this.#encode(args), this.#options(timing)));
	}

	/** Sends messages while answers come. What the input throws is what the reader gets. */
	duplex(input: AsyncIterable<JsonObject>, timing: MethodTiming): AsyncGenerator<JsonValue, undefined> {
		const { channel } = this.#plugin.connection;
		return this.#read(channel.duplex(this.#path, this.#encodeAll(input), this.#options(timing)));
	}

	async *#encodeAll(input: AsyncIterable<JsonObject>): AsyncGenerator<Uint8Array> {
		for await (const message of input) yield this.#encode(message);
	}

	async *#read(answers: AsyncGenerator<Buffer>): AsyncGenerator<JsonValue, undefined> {
		try {
			for await (const answer of answers) yield decodeJson(this.response, answer, this.#subject);
		} catch (error) {
			throw await this.#plugin.connection.failureOf(error);
		}
		return undefined;
	}

	#encode(args: JsonObject): Uint8Array {
		if (this.filled.length === 0) return encodeJson(this.request, args, this.#subject);
		const complete = { ...args };
		for (const { jsonName, callback } of this.filled) {
			const server = this.#plugin.callbacks.get(callback);
			if (server) complete[jsonName] = this.#plugin.connection.broker.offer(server);
		}
		return encodeJson(this.request, complete, this.#subject);
	}

	#options({ signal, deadline }: MethodTiming) {
		return { subject: this.#subject, signal, deadline };
	}
}

function filledField(field: Field, names: ReadonlySet<string>): FilledField | undefined {
	if (field.type !== 'uint32' || field.repeated) return undefined;
	const { name, jsonName = name } = field;
	for (const callback of names) {
		if (callback === jsonName || protobuf.util.camelCase(callback) === name) return { jsonName, callback };
	}
	return undefined;
}
