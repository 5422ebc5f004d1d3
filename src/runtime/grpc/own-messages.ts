import protobuf from 'protobufjs/light.js';

/** The messages of the services that come with a go-plugin, health and reflection, by what they are called here. */
const root = protobuf.Root.fromJSON({
	nested: {
		Empty: { fields: {} },
		StdioData: {
			fields: { channel: { type: 'uint32', id: 1 }, data: { type: 'bytes', id: 2 } },
		},
		ConnInfo: {
			fields: {
				serviceId: { type: 'uint32', id: 1 },
				network: { type: 'string', id: 2 },
				address: { type: 'string', id: 3 },
			},
		},
		HealthRequest: { fields: { service: { type: 'string', id: 1 } } },
		HealthResponse: { fields: { status: { type: 'uint32', id: 1 } } },
		ReflectionRequest: {
			oneofs: { asked: { oneof: ['fileByFilename', 'fileContainingSymbol', 'listServices'] } },
			fields: {
				fileByFilename: { type: 'string', id: 3 },
				fileContainingSymbol: { type: 'string', id: 4 },
				listServices: { type: 'string', id: 7 },
			},
		},
		ReflectionResponse: {
			fields: {
				files: { type: 'FileDescriptors', id: 4 },
				services: { type: 'ServiceList', id: 6 },
				error: { type: 'ReflectionFault', id: 7 },
			},
			nested: {
				FileDescriptors: { fields: { file: { rule: 'repeated', type: 'bytes', id: 1 } } },
				ServiceList: {
					fields: { service: { rule: 'repeated', type: 'Service', id: 1 } },
					nested: { Service: { fields: { name: { type: 'string', id: 1 } } } },
				},
				ReflectionFault: {
					fields: { code: { type: 'int32', id: 1 }, message: { type: 'string', id: 2 } },
				},
			},
		},
	},
});

/** Address of a side channel of the broker. */
export interface ConnInfo {
	readonly serviceId: number;
	readonly network: string;
	readonly address: string;
}

/** A piece of what a plugin printed after its handshake. */
export interface StdioData {
	/** 1 for stdout, 2 for stderr. */
	readonly channel: number;
	readonly data: Uint8Array;
}

/** A question of the reflection service: one of the three. */
export interface ReflectionRequest {
	readonly fileByFilename?: string;
	readonly fileContainingSymbol?: string;
	readonly listServices?: string;
}

/** Its answer. */
export interface ReflectionResponse {
	readonly files?: { readonly file: readonly Uint8Array[] } | null;
	readonly services?: { readonly service: readonly { readonly name: string }[] } | null;
	readonly error?: { readonly code: number; readonly message: string } | null;
}

/** Status 1 of the health service. */
export const healthServing = 1;

/** Writes and reads one kind of message. */
export interface MessageForm<T> {
	encode(message: T): Uint8Array;
	/** @throws Error for bytes that are no such message */
	decode(bytes: Uint8Array): T;
}

function form<T extends object>(name: string): MessageForm<T> {
	const type = root.lookupType(name);
	return {
		encode: (message) => type.encode(message as Record<string, unknown>).finish(),
		decode: (bytes) => type.decode(bytes) as unknown as T,
	};
}

export const emptyForm: MessageForm<Record<string, never>> = form('Empty');
export const stdioForm: MessageForm<StdioData> = form('StdioData');
export const connInfoForm: MessageForm<ConnInfo> = form('ConnInfo');
export const healthRequestForm: MessageForm<{ readonly service: string }> = form('HealthRequest');
export const healthResponseForm: MessageForm<{ readonly status: number }> = form('HealthResponse');
export const reflectionRequestForm: MessageForm<ReflectionRequest> = form('ReflectionRequest');
export const reflectionResponseForm: MessageForm<ReflectionResponse> = form('ReflectionResponse');
