import type { Method, Service } from 'protobufjs';
import { messageSchema } from '../grpc/message-schema.ts';
import { readProto } from '../grpc/read-proto.ts';
import type { MethodKind } from '../services/service-definition.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { jsonSchema } from './json-schema.ts';
import { defineSeam, type Seam } from './seam.ts';
import type { SeamMethod, SeamMethods } from './seam-method.ts';

/** Options of making a seam of a .proto file. */
export interface ProtoSeamOptions {
	/** The full name of the service: `store.v1.StoreService`. */
	readonly service: string;
	/** Version, from 1. */
	readonly version: number;
	/** Name of the seam. Default: the name of the service, without its package, as it is. */
	readonly name?: string | undefined;
	/** Folders in which imported files are looked for, besides that of the file. */
	readonly folders?: readonly string[] | undefined;
}

/**
 * A seam of a service in a .proto file: its methods with their first letter small, its messages in protobuf's JSON (`createdAt` for
 * `created_at`, texts for what has 64 bits). `Methods` says what the file says, for the compiler.
 *
 * @example const store = protoSeam<StoreMethods>('store.proto', { service: 'store.v1.Store', version: 1 });
 * @throws OrchestraError `invalid_plugin` where the file is missing or wrong, `invalid_schema` where it has no such service
 */
export function protoSeam<Methods extends SeamMethods = SeamMethods>(
	file: string,
	{ service: fullName, version, name, folders }: ProtoSeamOptions,
): Seam<Methods> {
	const root = readProto(file, folders);
	let service: Service;
	try {
		service = root.lookupService(fullName);
	} catch (error) {
		throw new OrchestraError('invalid_schema', `${file} has no service ${fullName}`, {
			hint: 'Name it with its package: package.Service.',
			cause: error,
		});
	}
	const methods = Object.fromEntries(
		service.methodsArray.map((method) => [lowerFirst(method.name), seamMethod(method)]),
	);
	return defineSeam(name ?? service.name, { version, methods }) as unknown as Seam<Methods>;
}

function seamMethod(method: Method): SeamMethod {
	const { resolvedRequestType: request, resolvedResponseType: response } = method;
	if (!request || !response)
		throw new OrchestraError('invalid_schema', `the messages of ${method.fullName} are not there`);
	return {
		kind: kindOf(method),
		input: jsonSchema(messageSchema(request)),
		output: jsonSchema(messageSchema(response)),
	};
}

function kindOf({ requestStream, responseStream }: Method): MethodKind {
	if (requestStream) return responseStream ? 'bidirectional' : 'client_stream';
	return responseStream ? 'server_stream' : 'unary';
}

function lowerFirst(name: string): string {
	return name.charAt(0).toLowerCase() + name.slice(1);
}
