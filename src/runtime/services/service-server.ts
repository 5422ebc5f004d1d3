import { errorResponse } from '../carrier/error-response.ts';
import type { IncomingExchange } from '../carrier/incoming-exchange.ts';
import type { Peer } from '../carrier/peer.ts';
import type { ServiceCall } from '../wire/generated/messages.ts';
import type { JsonObject } from '../wire/json-value.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { itemData, parseItem } from './item-data.ts';
import type {
	BidirectionalMethod,
	ClientStreamMethod,
	ServiceDefinition,
	ServiceMethods,
	StreamMethod,
	UnaryMethod,
} from './service-definition.ts';

/** Context of a method: the call that it answers. */
export interface ServiceContext {
	/** Caller, as the certificate says; behind an orchestrator, as the orchestrator says. */
	readonly caller: string;
	/** The other end of the connection that the call came over. */
	readonly peer: Peer;
	/** The id of the request, as its caller chose it. */
	readonly requestId: string;
	/** Aborts when nobody waits any more. */
	readonly signal: AbortSignal;
	/** When the caller stops waiting, in milliseconds of Date.now(); undefined where it did not say. */
	readonly deadline: number | undefined;
	readonly traceParent: string;
	readonly sessionId: string;
}

/** A function for each method of a service. What it throws fails the call: an OrchestraError with its own code. */
export type ServiceHandlers<Methods extends ServiceMethods> = {
	readonly [Name in keyof Methods]: Methods[Name] extends UnaryMethod<infer Args, infer Result>
		? (args: Args, context: ServiceContext) => Result | Promise<Result>
		: Methods[Name] extends StreamMethod<infer Args, infer Item>
			? (args: Args, context: ServiceContext) => AsyncIterable<Item>
			: Methods[Name] extends ClientStreamMethod<infer Args, infer Input, infer Result>
				? (args: Args, input: AsyncIterable<Input>, context: ServiceContext) => Result | Promise<Result>
				: Methods[Name] extends BidirectionalMethod<infer Args, infer Input, infer Item>
					? (args: Args, input: AsyncIterable<Input>, context: ServiceContext) => AsyncIterable<Item>
					: never;
};

type AnyHandler = (
	args: JsonObject,
	...rest: [ServiceContext] | [AsyncIterable<JsonObject>, ServiceContext]
) => Promise<JsonObject> | JsonObject | AsyncIterable<JsonObject>;

/** The response that says an error: {@link errorResponse}, or one that says besides who failed. */
export type FailureResponse = typeof errorResponse;

/** A service that can be called. */
export interface ServedService {
	readonly definition: ServiceDefinition;
	/** Answers a call of it. @param failure the response that says an error */
	handle(exchange: IncomingExchange, call: ServiceCall, failure: FailureResponse): void;
}

/**
 * Serves a service by one function for each of its methods. Arguments are what the caller sent: check them.
 *
 * @example
 * import { defineService, serveService, unary } from 'orchestra-toolchain';
 * import { Orchestrator } from 'orchestra-toolchain/host';
 *
 * const clock = defineService('example.clock', 1, { now: unary<{ zone: string }, { time: string }>() });
 * const orchestrator = new Orchestrator();
 * orchestrator.provide(serveService(clock, { now: ({ zone }) => ({ time: new Date().toLocaleString('en', { timeZone: zone }) }) }));
 */
export function serveService<Methods extends ServiceMethods>(
	definition: ServiceDefinition<Methods>,
	handlers: ServiceHandlers<Methods>,
): ServedService {
	return {
		definition,
		handle(exchange, call, failure) {
			const name = call.method ?? '';
			const method = Object.hasOwn(definition.methods, name) ? definition.methods[name] : undefined;
			if (!method) {
				exchange.finish(failure(exchange.request, methodNotFound(definition, name)));
				return;
			}
			const handler = handlers[name] as AnyHandler;
			const context = new CallOfService(exchange, call);
			const args = call.arguments ?? {};
			const subject = `${definition.name}.${name}`;
			const run =
				method.kind === 'unary' || method.kind === 'server_stream'
					? () => handler(args, context)
					: () => handler(args, readInput(exchange, subject), context);
			if (method.kind === 'unary' || method.kind === 'client_stream')
				void answerOnce(exchange, run as () => JsonObject, failure);
			else void answerStream(exchange, run as () => AsyncIterable<JsonObject>, failure, subject);
		},
	};
}

/** Services of a peer, by name. */
export class ServiceTable {
	/** By name, then by version. */
	readonly #services = new Map<string, Map<number, ServedService>>();
	readonly #owner: string;
	readonly #failure: FailureResponse;

	/**
	 * @param owner whose services these are, for messages
	 * @param failure the response that says an error
	 */
	constructor(owner: string, failure: FailureResponse = errorResponse) {
		this.#owner = owner;
		this.#failure = failure;
	}

	/** Adds a service, or replaces the one of its name and version. */
	add(service: ServedService): void {
		const { name, version } = service.definition;
		const versions = this.#services.get(name);
		if (versions) versions.set(version, service);
		else this.#services.set(name, new Map([[version, service]]));
	}

	/** The names of all services. */
	get names(): string[] {
		return [...this.#services.keys()];
	}

	/** Answers a call: by the service, or with `service_not_found` or `service_version_mismatch`. */
	handle(exchange: IncomingExchange, call: ServiceCall): void {
		const { service: name = '', version = 0 } = call;
		const versions = this.#services.get(name);
		const service = versions?.get(version);
		if (service) service.handle(exchange, call, this.#failure);
		else {
			const error = versions
				? this.#versionMismatch(name, [...versions.keys()], version)
				: this.#notFound(name);
			exchange.finish(this.#failure(exchange.request, error));
		}
	}

	#notFound(name: string): OrchestraError {
		const { names } = this;
		return new OrchestraError('service_not_found', `${this.#owner} has no service ${name}`, {
			hint: names.length > 0 ? `It has ${names.join(', ')}.` : 'It has none.',
		});
	}

	#versionMismatch(name: string, versions: readonly number[], asked: number): OrchestraError {
		const offered = [...versions].sort((a, b) => a - b);
		const [version = 0] = offered;
		const has = offered.length === 1 ? `version ${version}` : `versions ${offered.join(', ')}`;
		return new OrchestraError(
			'service_version_mismatch',
			`${this.#owner} has ${has} of the service ${name}, not ${asked}`,
			{
				hint: 'Use the same version of orchestra on both sides.',
				details: { version: offered.at(-1) ?? 0, versions: offered, asked },
			},
		);
	}
}

class CallOfService implements ServiceContext {
	readonly #exchange: IncomingExchange;
	readonly #call: ServiceCall;

	constructor(exchange: IncomingExchange, call: ServiceCall) {
		this.#exchange = exchange;
		this.#call = call;
	}

	get caller(): string {
		return this.#call.caller || this.#exchange.peer.name;
	}

	get peer(): Peer {
		return this.#exchange.peer;
	}

	get requestId(): string {
		return this.#exchange.request.requestId ?? '';
	}

	get signal(): AbortSignal {
		return this.#exchange.signal;
	}

	get deadline(): number | undefined {
		return this.#exchange.deadline;
	}

	get traceParent(): string {
		return this.#call.traceParent ?? '';
	}

	get sessionId(): string {
		return this.#call.sessionId ?? '';
	}
}

function methodNotFound({ name, methods }: ServiceDefinition, method: string): OrchestraError {
	return new OrchestraError('method_not_found', `the service ${name} has no method ${method}`, {
		hint: `It has ${Object.keys(methods).join(', ')}.`,
	});
}

/** The items of a caller; none where it sends none. The first read lets it begin. */
async function* readInput(exchange: IncomingExchange, subject: string): AsyncGenerator<JsonObject, void> {
	for await (const { data = noBytes } of exchange.input ?? []) {
		let item: JsonObject;
		try {
			item = parseItem(data);
		} catch (error) {
			throw new OrchestraError('malformed_message', `an item that was sent to ${subject} is no JSON object`, {
				cause: error,
			});
		}
		yield item;
	}
}

const noBytes = new Uint8Array(0);

async function answerOnce(
	exchange: IncomingExchange,
	run: () => JsonObject | Promise<JsonObject>,
	failure: FailureResponse,
): Promise<void> {
	exchange.onCancel((reason) => exchange.finish(failure(exchange.request, reason)));
	try {
		exchange.finish({ serviceResult: { result: await run() } });
	} catch (error) {
		exchange.finish(failure(exchange.request, OrchestraError.from(error, 'handler_error')));
	}
}

async function answerStream(
	exchange: IncomingExchange,
	run: () => AsyncIterable<JsonObject>,
	failure: FailureResponse,
	subject: string,
): Promise<void> {
	const streamId = exchange.request.requestId ?? '';
	let iterator: AsyncIterator<JsonObject> | undefined;
	let sequence = 0;
	// A generator that waits for its next item does not see that nobody reads any more: the exchange ends without it.
	exchange.onCancel((reason) => {
		exchange.finish(failure(exchange.request, reason));
		void iterator?.return?.().catch(() => {});
	});
	try {
		iterator = run()[Symbol.asyncIterator]();
		while (!exchange.finished) {
			const { done, value } = await iterator.next();
			if (done) break;
			const data = itemData(value, subject);
			const chunk = { streamId, data, contentType: 'application/json', sequence: sequence++ };
			await exchange.send({ streamChunk: chunk });
		}
		if (exchange.finished) await iterator.return?.();
		else exchange.finish({ streamEnd: { streamId, success: true, totalChunks: sequence } });
	} catch (error) {
		exchange.finish(failure(exchange.request, OrchestraError.from(error, 'handler_error')));
	}
}
