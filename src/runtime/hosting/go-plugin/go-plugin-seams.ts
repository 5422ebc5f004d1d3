import type { Method } from 'protobufjs/light.js';
import type { CallOptions } from '../../client/call-options.ts';
import type { ReflectedServices } from '../../grpc/reflect-services.ts';
import type { SeamTransport } from '../../services/seam-transport.ts';
import type { ItemSource, ServiceClient } from '../../services/service-client.ts';
import type { MethodKind, ServiceDefinition, ServiceMethods } from '../../services/service-definition.ts';
import type { ErrorCode } from '../../wire/error-code.ts';
import type { JsonObject, JsonValue } from '../../wire/json-value.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { CalledMethod, type CalledPlugin, type MethodTiming } from './called-method.ts';
import { asTheyAre, type GoPluginSeam, type SeamMessages } from './seam-messages.ts';

/** Milliseconds of a call that does not say. */
const defaultTimeoutMs = 60_000;

/** The codes of seams for statuses of gRPC that mean the same. */
const seamCodes: Readonly<Record<string, ErrorCode>> = { already_exists: 'conflict' };

/**
 * The services of a go-plugin as seams: a method `getFlag` of a seam is the method `GetFlag` of its service. Both have to take and give
 * streams alike.
 *
 * @param seams the service of each seam; a seam that is not there is called as its service is
 */
export function goPluginSeams(
	plugin: CalledPlugin,
	reflected: ReflectedServices,
	seams: Readonly<Record<string, string | GoPluginSeam>>,
): SeamTransport {
	const { name: peer, version = 1 } = plugin.connection;
	const served = new Map(
		Object.entries(seams).map(([name, seam]) => [name, typeof seam === 'string' ? { service: seam } : seam]),
	);
	const serviceOf = (seam: string) => served.get(seam)?.service ?? seam;
	return {
		peer,
		async offered() {
			const services = reflected.services.map(({ fullName }) => fullName.slice(1));
			const own = [...served.keys()].filter((seam) => services.includes(serviceOf(seam)));
			const taken = new Set(own.map(serviceOf));
			const names = [...own, ...services.filter((name) => !taken.has(name))];
			return names.map((name) => ({ name, versions: [version] }));
		},
		bind<Methods extends ServiceMethods>({ name, version: wanted, methods }: ServiceDefinition<Methods>) {
			const find = (method: string, kind: MethodKind): CalledMethod => {
				const service = reflected.find(serviceOf(name));
				if (!service) {
					throw new OrchestraError('service_not_found', `${peer} has no service ${serviceOf(name)}`);
				}
				if (wanted !== version) {
					const text = `${peer} serves version ${version} of ${name}, not ${wanted}`;
					throw new OrchestraError('service_version_mismatch', text);
				}
				const found = service.methodsArray.find(
					(each) => each.name === method || each.name === capital(method),
				);
				if (!found || kindOf(found) !== kind) {
					const text = `the service ${serviceOf(name)} of ${peer} has no method ${capital(method)} of the kind ${kind}`;
					throw new OrchestraError('method_not_found', text);
				}
				return new CalledMethod(plugin, found, `${name}.${method} of plugin ${peer}`);
			};
			const messages = served.get(name)?.messages ?? asTheyAre;
			const entries = Object.entries(methods).map(([method, { kind }]) => [
				method,
				seamFunction(kind, () => find(method, kind), messages),
			]);
			return Object.fromEntries(entries) as ServiceClient<Methods>;
		},
	};
}

/** A function of a seam. The method is looked for when it is called. */
function seamFunction(kind: MethodKind, find: () => CalledMethod, { toMessage, fromMessage }: SeamMessages) {
	async function* messagesOf(input: ItemSource<JsonObject>) {
		for await (const item of input) yield toMessage(item);
	}
	const toValue = (message: JsonValue) => fromMessage(message as JsonObject);
	switch (kind) {
		case 'unary':
			return async (args: JsonObject = {}, options: CallOptions = {}) => {
				try {
					return toValue(await find().unary(toMessage(args), timing(options, defaultTimeoutMs)));
				} catch (error) {
					throw seamError(error);
				}
			};
		case 'server_stream':
			return (args: JsonObject = {}, options: CallOptions = {}) =>
				items(() => find().stream(toMessage(args), timing(options, Number.POSITIVE_INFINITY)), toValue);
		case 'client_stream':
			return async (_args: JsonObject, input: ItemSource<JsonObject>, options: CallOptions = {}) => {
				const timed = timing(options, defaultTimeoutMs);
				for await (const result of items(() => find().duplex(messagesOf(input), timed), toValue)) {
					return result;
				}
				throw new OrchestraError('invalid_response', 'the stream ended without a result');
			};
		case 'bidirectional':
			return (_args: JsonObject, input: ItemSource<JsonObject>, options: CallOptions = {}) => {
				const timed = timing(options, Number.POSITIVE_INFINITY);
				return items(() => find().duplex(messagesOf(input), timed), toValue);
			};
	}
}

async function* items(
	read: () => AsyncGenerator<JsonValue, undefined>,
	toValue: (message: JsonValue) => JsonObject,
): AsyncGenerator<JsonObject, undefined> {
	try {
		for await (const message of read()) yield toValue(message);
	} catch (error) {
		throw seamError(error);
	}
	return undefined;
}

function timing({ timeoutMs, signal }: CallOptions, otherwiseMs: number): MethodTiming {
	return { signal, deadline: Date.now() + (timeoutMs ?? otherwiseMs) };
}

function seamError(error: unknown): unknown {
	if (!(error instanceof OrchestraError)) return error;
	const code = seamCodes[error.code];
	if (code === undefined) return error;
	const { message, hint, details, retryable } = error;
	return new OrchestraError(code, message, { hint, details, retryable, cause: error });
}

function kindOf({ requestStream, responseStream }: Method): MethodKind {
	if (requestStream) return responseStream ? 'bidirectional' : 'client_stream';
	return responseStream ? 'server_stream' : 'unary';
}

function capital(name: string): string {
	return name.charAt(0).toUpperCase() + name.slice(1);
}
