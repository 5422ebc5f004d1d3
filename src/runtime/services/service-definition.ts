import type { JsonObject } from '../wire/json-value.ts';

/** Side that sends a stream of items: none, the server, the client after its arguments, or both. */
export type MethodKind = 'unary' | 'server_stream' | 'client_stream' | 'bidirectional';

/** A method of a service. The types are for the compiler only; on the wire arguments, results and items are JSON objects. */
export interface MethodDefinition<Args extends object, Answer extends object> {
	readonly kind: MethodKind;
	/** Never set: it carries the types. */
	readonly types?: { readonly args: Args; readonly answer: Answer };
}

/** A method that answers with one result. */
export interface UnaryMethod<Args extends object, Result extends object>
	extends MethodDefinition<Args, Result> {
	readonly kind: 'unary';
}

/** A method that answers with any number of items. */
export interface StreamMethod<Args extends object, Item extends object> extends MethodDefinition<Args, Item> {
	readonly kind: 'server_stream';
}

/** A method that takes any number of items after its arguments, and answers with one result. */
export interface ClientStreamMethod<Args extends object, Input extends object, Result extends object>
	extends MethodDefinition<Args, Result> {
	readonly kind: 'client_stream';
	/** Never set: it carries the type. */
	readonly input?: Input;
}

/** A method that takes items and answers with items, in any order. */
export interface BidirectionalMethod<Args extends object, Input extends object, Item extends object>
	extends MethodDefinition<Args, Item> {
	readonly kind: 'bidirectional';
	/** Never set: it carries the type. */
	readonly input?: Input;
}

/** The methods of a service, by name. */
// biome-ignore lint/suspicious/noExplicitAny: every method has types of its own
export type ServiceMethods = Readonly<Record<string, MethodDefinition<any, any>>>;

/**
 * A typed service: operations beside the core protocol, each a method of a service at a version. One definition gives a server
 * ({@link serveService}) and a client ({@link serviceClient}), so that both sides agree by type.
 */
export interface ServiceDefinition<Methods extends ServiceMethods = ServiceMethods> {
	/** Name on the wire, for example `orchestra.administration`. */
	readonly name: string;
	/** 1 or more. It grows when a method changes in a way that an older client would not survive; new methods do not change it. */
	readonly version: number;
	readonly methods: Methods;
}

/**
 * Defines a service.
 *
 * @example
 * import { defineService, unary } from 'orchestra-toolchain';
 *
 * export const clock = defineService('example.clock', 1, { now: unary<{ zone: string }, { time: string }>() });
 */
export function defineService<Methods extends ServiceMethods>(
	name: string,
	version: number,
	methods: Methods,
): ServiceDefinition<Methods> {
	return { name, version, methods };
}

/** A method with one result. */
export function unary<Args extends object = JsonObject, Result extends object = JsonObject>(): UnaryMethod<
	Args,
	Result
> {
	return { kind: 'unary' };
}

/** A method with a stream of items. */
export function serverStream<
	Args extends object = JsonObject,
	Item extends object = JsonObject,
>(): StreamMethod<Args, Item> {
	return { kind: 'server_stream' };
}

/** A method that takes a stream of items, then answers with one result. */
export function clientStream<
	Args extends object = JsonObject,
	Input extends object = JsonObject,
	Result extends object = JsonObject,
>(): ClientStreamMethod<Args, Input, Result> {
	return { kind: 'client_stream' };
}

/** A method with a stream of items each way. */
export function bidirectional<
	Args extends object = JsonObject,
	Input extends object = JsonObject,
	Item extends object = JsonObject,
>(): BidirectionalMethod<Args, Input, Item> {
	return { kind: 'bidirectional' };
}
