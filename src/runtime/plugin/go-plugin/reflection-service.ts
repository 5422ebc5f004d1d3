import type { ServerDuplexStream } from '@grpc/grpc-js';
import type protobuf from 'protobufjs/light.js';
import {
	type ReflectionResponse,
	reflectionRequestForm,
	reflectionResponseForm,
} from '../../grpc/own-messages.ts';
import { statusOf } from '../../grpc/status-error.ts';
import { type AnsweredMethod, messagesOf, roomIn } from './answered-method.ts';
import { DescribedFiles } from './described-files.ts';

/** Both names of the service. */
const names = ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'];

/** The statuses that answers of reflection have. */
const notFound = 5;
const unimplemented = 12;

/**
 * Methods that tell what a server has to whoever asks by gRPC reflection, as every go-plugin does: its services, and the descriptors that their
 * messages are made of. Extensions are not answered.
 *
 * @param root what the services are from
 * @param services all that the server has, by their full names
 */
export function reflectionMethods(root: protobuf.Root, services: readonly string[]): AnsweredMethod[] {
	const files = new DescribedFiles(root);
	const listed = [...services, ...names].sort().map((name) => ({ name }));
	const run = (call: ServerDuplexStream<Buffer, Uint8Array>): void => {
		const answer = async () => {
			for await (const bytes of messagesOf(call)) {
				const { listServices, fileByFilename, fileContainingSymbol } = reflectionRequestForm.decode(bytes);
				let found: ReflectionResponse;
				if (fileContainingSymbol)
					found = fileAnswer(files.ofSymbol(fileContainingSymbol), fileContainingSymbol);
				else if (fileByFilename) found = fileAnswer(files.ofName(fileByFilename), fileByFilename);
				else if (listServices) found = { services: { service: listed } };
				else found = { error: { code: unimplemented, message: 'extensions are not described' } };
				if (!call.write(reflectionResponseForm.encode(found))) await roomIn(call);
			}
		};
		answer().then(
			() => call.end(),
			(error: unknown) => void call.emit('error', statusOf(error)),
		);
	};
	return names.map((name) => ({
		path: `/${name}/ServerReflectionInfo`,
		requestStream: true,
		responseStream: true,
		run,
	}));
}

function fileAnswer(file: Uint8Array | undefined, asked: string): ReflectionResponse {
	return file ? { files: { file: [file] } } : { error: { code: notFound, message: `there is no ${asked}` } };
}
