import type { Method, Service, Type } from 'protobufjs';
import type { ToolCallOptions } from '../../client/call-options.ts';
import { type GrpcAddress, GrpcChannel, type PinnedTls } from '../../grpc/grpc-channel.ts';
import { decodeJson, encodeJson } from '../../grpc/message-json.ts';
import type { ConnInfo } from '../../grpc/own-messages.ts';
import { forgetOldest } from '../../platform/forget-oldest.ts';
import type { JsonObject } from '../../wire/json-value.ts';
import { ToolError } from '../../wire/orchestra-error.ts';
import { traceIdOf } from '../../wire/trace-parent.ts';

/** Milliseconds in which a host says where a service is that it gave a number of: go-plugin's own. */
const announcedMs = 5_000;

/** Announcements that are kept for calls which have not come yet. */
const maxAnnounced = 1_024;

/** Milliseconds of a call that does not say. */
const defaultTimeoutMs = 60_000;

/** A service of the host that tools call. */
export interface HostService {
	/** The field of requests by which the host gives its number, as the .proto has it: `add_server`. */
	readonly field: string;
	readonly service: Service;
}

/** A service of the host at one of its numbers. It is connected to when it is first called. */
class SideChannel {
	readonly id: number;
	/** Number of users that may still call it. */
	users = 0;
	#channel: Promise<GrpcChannel> | undefined;
	readonly #open: (id: number) => Promise<GrpcChannel>;

	constructor(id: number, open: (id: number) => Promise<GrpcChannel>) {
		this.id = id;
		this.#open = open;
	}

	get channel(): Promise<GrpcChannel> {
		this.#channel ??= this.#open(this.id);
		return this.#channel;
	}

	release(): void {
		if (--this.users > 0) return;
		this.#channel?.then((channel) => channel.close()).catch(() => {});
	}
}

/**
 * Services of a Go host, over go-plugin's broker: it gives the number of one in a request, and says on the broker where that is. A tool calls
 * a method of it as a tool (`AddHelper.Sum`): at the number that came with the call which it answers, else at the last that came at all.
 */
export class HostServices {
	readonly #services: readonly HostService[];
	readonly #tls: PinnedTls | undefined;
	/** Addresses that the host announced, by number. */
	readonly #announced = new Map<number, GrpcAddress>();
	readonly #awaited = new Map<number, (address: GrpcAddress) => void>();
	/** By the trace of the calls under way, then by the field. */
	readonly #calls = new Map<string, ReadonlyMap<string, SideChannel>>();
	readonly #latest = new Map<string, SideChannel>();

	/** @param tls undefined for a host that speaks in the clear */
	constructor(services: readonly HostService[], tls: PinnedTls | undefined) {
		this.#services = services;
		this.#tls = tls;
	}

	/** Takes what the host says on the broker. */
	announce({ serviceId, network, address }: ConnInfo): void {
		if (network !== 'unix' && network !== 'tcp') return;
		const at: GrpcAddress = { network, address };
		const waiting = this.#awaited.get(serviceId);
		if (waiting) waiting(at);
		else this.#announced.set(serviceId, at);
		forgetOldest(this.#announced, maxAnnounced);
	}

	/** Lets a call reach the services whose numbers its request has, until the result is disposed of. */
	during(trace: string, request: Type, args: JsonObject): Disposable {
		const channels = new Map<string, SideChannel>();
		for (const { field } of this.#services) {
			const found = request.fieldsArray.find(
				({ name, protoName = name }) => field === name || field === protoName,
			);
			const id = found && args[found.jsonName ?? found.name];
			if (typeof id !== 'number' || id === 0) continue;
			const channel = new SideChannel(id, (number) => this.#open(number));
			channel.users = 2;
			channels.set(field, channel);
			this.#latest.get(field)?.release();
			this.#latest.set(field, channel);
		}
		if (channels.size > 0) this.#calls.set(traceIdOf(trace), channels);
		return {
			[Symbol.dispose]: () => {
				this.#calls.delete(traceIdOf(trace));
				for (const channel of channels.values()) channel.release();
			},
		};
	}

	/**
	 * Calls a method by the name that a tool has: `AddHelper.Sum`. Undefined where the host has no such service.
	 *
	 * @throws OrchestraError what the host answered; `service_not_found` where it gave no number, `connection_lost`
	 */
	call(name: string, args: JsonObject, options: ToolCallOptions = {}): Promise<JsonObject> | undefined {
		for (const { field, service } of this.#services) {
			for (const method of service.methodsArray) {
				if (`${service.name}.${method.name}` === name) {
					return this.#call(field, service, method, args, options);
				}
			}
		}
		return undefined;
	}

	close(): void {
		for (const channel of this.#latest.values()) channel.release();
		this.#latest.clear();
	}

	async #call(
		field: string,
		service: Service,
		method: Method,
		args: JsonObject,
		{ traceParent = '', timeoutMs = defaultTimeoutMs, signal }: ToolCallOptions,
	): Promise<JsonObject> {
		const subject = `${service.name}.${method.name} of the host`;
		const { resolvedRequestType: request, resolvedResponseType: response } = method;
		if (!request || !response || method.requestStream || method.responseStream) {
			throw new ToolError('method_not_found', `${subject} is no unary method`);
		}
		const channel = this.#calls.get(traceIdOf(traceParent))?.get(field) ?? this.#latest.get(field);
		if (!channel) {
			throw new ToolError(
				'service_not_found',
				`the host gave no number of ${service.name}: no ${field} came`,
			);
		}
		const message = encodeJson(request, args, subject);
		const path = `/${service.fullName.slice(1)}/${method.name}`;
		const deadline = Date.now() + timeoutMs;
		const answer = await (await channel.channel).unary(path, message, { subject, signal, deadline });
		return decodeJson(response, answer, subject) as JsonObject;
	}

	async #open(id: number): Promise<GrpcChannel> {
		return new GrpcChannel(await this.#addressOf(id), this.#tls);
	}

	/** A host announces a number before or after the request that has it. */
	#addressOf(id: number): Promise<GrpcAddress> {
		const known = this.#announced.get(id);
		this.#announced.delete(id);
		if (known) return Promise.resolve(known);
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => {
				this.#awaited.delete(id);
				const text = `the host did not say within ${announcedMs} ms where its service ${id} is`;
				reject(new ToolError('connection_lost', text));
			}, announcedMs);
			this.#awaited.set(id, (address) => {
				clearTimeout(timer);
				this.#awaited.delete(id);
				resolve(address);
			});
		});
	}
}
