import type { Readable } from 'node:stream';
import type { Server } from '@grpc/grpc-js';
import type { MessageForm } from '../../grpc/own-messages.ts';
import { statusOf } from '../../grpc/status-error.ts';

/** Callback that answers a unary call, or one that ends with one message. */
export type Done = (error: ReturnType<typeof statusOf> | null, answer?: Uint8Array) => void;

/** A method, and how it is answered. Messages are bytes. */
export interface AnsweredMethod {
	readonly path: string;
	readonly requestStream?: boolean;
	readonly responseStream?: boolean;
	/** A handler as gRPC wants one for such a method. */
	readonly run: unknown;
}

/** Adds methods to a server. */
export function addMethods(server: Server, methods: readonly AnsweredMethod[]): void {
	const same = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const definition = Object.fromEntries(
		methods.map(({ path, responseStream = false, requestStream = false }) => [
			path,
			{
				path,
				requestStream,
				responseStream,
				requestSerialize: same,
				requestDeserialize: (bytes: Buffer) => bytes,
				responseSerialize: same,
				responseDeserialize: (bytes: Buffer) => bytes,
			},
		]),
	);
	server.addService(definition, Object.fromEntries(methods.map(({ path, run }) => [path, run])) as never);
}

/** A unary method of our own. What `answer` throws is its status. */
export function ownUnary<Q, A>(
	path: string,
	request: MessageForm<Q>,
	response: MessageForm<A>,
	answer: (request: Q) => A,
): AnsweredMethod {
	const run = (call: { request: Buffer }, done: Done) => {
		try {
			done(null, response.encode(answer(request.decode(call.request))));
		} catch (error) {
			done(statusOf(error));
		}
	};
	return { path, run };
}

/** Messages that a host sends in a call. To have read them ends the call no more than to leave them does: the answer follows. */
export function messagesOf(call: Readable): AsyncIterable<Buffer> {
	return call.iterator({ destroyOnReturn: false });
}

/** Waits until a call takes more, or has ended. */
export function roomIn(call: NodeJS.EventEmitter): Promise<void> {
	return new Promise((resolve) => {
		const over = () => {
			call.off('drain', over).off('cancelled', over).off('close', over);
			resolve();
		};
		call.on('drain', over).on('cancelled', over).on('close', over);
	});
}
