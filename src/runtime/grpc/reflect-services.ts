import descriptor from 'protobufjs/ext/descriptor.js';
import protobuf from 'protobufjs/light.js';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { GrpcChannel } from './grpc-channel.ts';
import { type ReflectionRequest, reflectionRequestForm, reflectionResponseForm } from './own-messages.ts';

/** Services that say nothing of what a server is for. */
const ownServices = /^(grpc\.(health|reflection|channelz)\.|plugin\.GRPC(Broker|Controller|Stdio)$)/;

/** The reflection service, the newer name first. */
const paths = [
	'/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
	'/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
];

/** Most descriptors that a server may describe: the largest public plugins have a tenth of each. */
const maxFiles = 1_000;
const maxBytes = 16 * 1024 * 1024;

/** A server's description of itself. */
export interface ReflectedServices {
	/** Its services, by name; without those that every go-plugin has. */
	readonly services: readonly protobuf.Service[];
	/** Any service that its descriptors have, served or not. Its name begins with the package. */
	find(name: string): protobuf.Service | undefined;
}

/** Names of protobuf; anything else would be no name that code can be made with. */
const namePattern = /^[A-Za-z_]\w*$/;

/**
 * Asks a server for its services, with all the messages that they are made of.
 *
 * @param subject the server, for messages
 * @throws OrchestraError `service_not_found` where it describes nothing, `malformed_message` where it describes what cannot be,
 * `deadline_exceeded`, `connection_lost`
 */
export async function reflectServices(
	channel: GrpcChannel,
	subject: string,
	options: { readonly deadline: number; readonly signal?: AbortSignal | undefined },
): Promise<ReflectedServices> {
	let unknown: unknown;
	for (const path of paths) {
		try {
			return await reflectOver(channel, path, subject, options);
		} catch (error) {
			if (!(error instanceof OrchestraError) || error.code !== 'method_not_found') throw error;
			unknown = error;
		}
	}
	throw new OrchestraError('service_not_found', `${subject} does not say what services it has`, {
		hint: 'It was built without the reflection service, or with an old go-plugin: build it with 1.4 or later.',
		cause: unknown,
	});
}

async function reflectOver(
	channel: GrpcChannel,
	path: string,
	subject: string,
	options: { readonly deadline: number; readonly signal?: AbortSignal | undefined },
): Promise<ReflectedServices> {
	const questions = new Questions();
	const answers = channel.duplex(path, questions, {
		subject: `the reflection of ${subject}`,
		named: true,
		...options,
	});
	const ask = async (question: ReflectionRequest) => {
		questions.add(reflectionRequestForm.encode(question));
		const { value, done } = await answers.next();
		if (done) throw malformed(subject, 'its reflection ended early');
		return reflectionResponseForm.decode(value);
	};
	try {
		const listed = await ask({ listServices: '*' });
		const names = (listed.services?.service ?? []).map(({ name }) => name);
		const wanted = names.filter((name) => !ownServices.test(name)).sort();
		const files = new Map<string, Uint8Array>();
		let size = 0;
		const take = (found: readonly Uint8Array[]) => {
			for (const file of found) {
				const { name = '' } = descriptor.FileDescriptorProto.decode(file) as { name?: string };
				if (files.has(name)) continue;
				files.set(name, file);
				size += file.length;
				if (files.size > maxFiles || size > maxBytes) throw malformed(subject, 'its descriptors have no end');
			}
		};
		for (const name of wanted) {
			const { files: found, error } = await ask({ fileContainingSymbol: name });
			// A service whose descriptor was not compiled in cannot be called, and the others can.
			if (error) continue;
			take(found?.file ?? []);
		}
		for (const missing of missingImports(files)) {
			const { files: found, error } = await ask({ fileByFilename: missing });
			if (error) throw malformed(subject, `the file ${missing} is missing`);
			take(found?.file ?? []);
		}
		return servicesOf(files, wanted, subject);
	} finally {
		questions.end();
		await answers.return(undefined);
	}
}

/** Imports that no file is there for; grows while files are added. */
function* missingImports(files: ReadonlyMap<string, Uint8Array>): Generator<string> {
	const asked = new Set<string>();
	for (const file of files.values()) {
		const { dependency = [] } = descriptor.FileDescriptorProto.decode(file) as { dependency?: string[] };
		for (const name of dependency) {
			if (files.has(name) || asked.has(name)) continue;
			asked.add(name);
			yield name;
		}
	}
}

function servicesOf(
	files: ReadonlyMap<string, Uint8Array>,
	names: readonly string[],
	subject: string,
): ReflectedServices {
	try {
		const file = [...files.values()].map((bytes) => descriptor.FileDescriptorProto.decode(bytes));
		const set = descriptor.FileDescriptorSet.encode({ file }).finish();
		const root = protobuf.Root.fromDescriptor(set);
		assertNames(root);
		root.resolveAll();
		const find = (name: string) => {
			const found = root.lookup(name.split('.'), [protobuf.Service]);
			return found instanceof protobuf.Service ? found : undefined;
		};
		return { services: names.map(find).filter((service) => service !== undefined), find };
	} catch (error) {
		if (error instanceof OrchestraError) throw error;
		throw malformed(subject, (error as Error).message, error);
	}
}

/** protobufjs makes code of names. */
function assertNames(root: protobuf.NamespaceBase): void {
	for (const object of root.nestedArray) {
		const parts: { name: string }[] = [object];
		if (object instanceof protobuf.Type) parts.push(...object.fieldsArray, ...object.oneofsArray);
		if (object instanceof protobuf.Service) parts.push(...object.methodsArray);
		for (const { name } of parts) {
			if (!namePattern.test(name)) throw new Error(`${JSON.stringify(name)} is no name`);
		}
		if (object instanceof protobuf.Namespace) assertNames(object);
	}
}

function malformed(subject: string, why: string, cause?: unknown): OrchestraError {
	return new OrchestraError('malformed_message', `${subject} describes its services wrongly: ${why}`, {
		cause,
	});
}

/** Messages that are sent when they are added. */
class Questions implements AsyncIterable<Uint8Array> {
	readonly #waiting: Uint8Array[] = [];
	#wake: (() => void) | undefined;
	#ended = false;

	add(question: Uint8Array): void {
		this.#waiting.push(question);
		this.#wake?.();
	}

	end(): void {
		this.#ended = true;
		this.#wake?.();
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
		for (;;) {
			const next = this.#waiting.shift();
			if (next) yield next;
			else if (this.#ended) return;
			else {
				await new Promise<void>((resolve) => {
					this.#wake = resolve;
				});
			}
		}
	}
}
