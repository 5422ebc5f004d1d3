import { Server, type ServerDuplexStream, type ServerWritableStream } from '@grpc/grpc-js';
import type { Root, Service } from 'protobufjs';
import {
	connInfoForm,
	emptyForm,
	healthRequestForm,
	healthResponseForm,
	healthServing,
	stdioForm,
} from '../../grpc/own-messages.ts';
import { statusOf } from '../../grpc/status-error.ts';
import { maxMessageBytes } from '../../wire/limits.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { addMethods, ownUnary, roomIn } from './answered-method.ts';
import type { CapturedOutput } from './captured-output.ts';
import type { HostServices } from './host-services.ts';
import { reflectionMethods } from './reflection-service.ts';
import { type MethodTools, toolMethods } from './tool-methods.ts';

/** The services for which a go-plugin answers for its health; empty means the whole server. */
const healthNames = new Set(['plugin', '']);

/** Services that every go-plugin has, besides reflection. */
const commonServices = [
	'grpc.health.v1.Health',
	'plugin.GRPCBroker',
	'plugin.GRPCController',
	'plugin.GRPCStdio',
];

/** Makes a server with all that a Go host asks of any plugin, and with services that tools answer for. */
export function goPluginServer(
	options: MethodTools & {
		readonly root: Root;
		readonly services: readonly Service[];
		readonly output: CapturedOutput;
		readonly onShutdown: () => void;
	},
): Server {
	const server = new Server({
		'grpc.max_receive_message_length': maxMessageBytes,
		'grpc.max_send_message_length': maxMessageBytes,
	});
	const { root, services, output, host, onShutdown } = options;
	addMethods(server, [
		ownUnary('/grpc.health.v1.Health/Check', healthRequestForm, healthResponseForm, ({ service }) => {
			if (healthNames.has(service)) return { status: healthServing };
			throw new OrchestraError('not_found', `there is no service ${service}`);
		}),
		ownUnary('/plugin.GRPCController/Shutdown', emptyForm, emptyForm, () => {
			onShutdown();
			return {};
		}),
		{ path: '/plugin.GRPCStdio/StreamStdio', responseStream: true, run: streamOutput(output) },
		{
			path: '/plugin.GRPCBroker/StartStream',
			responseStream: true,
			requestStream: true,
			run: hearBroker(host),
		},
		...reflectionMethods(root, [...commonServices, ...services.map(({ fullName }) => fullName.slice(1))]),
	]);
	for (const service of services) addMethods(server, toolMethods(service, options));
	return server;
}

/** A host opens its broker at once. Nothing is offered to it in turn. */
function hearBroker(host: HostServices) {
	return (call: ServerDuplexStream<Buffer, Uint8Array>): void => {
		call.on('data', (bytes: Buffer) => {
			try {
				host.announce(connInfoForm.decode(bytes));
			} catch (error) {
				call.emit('error', statusOf(error));
			}
		});
		call.on('end', () => call.end());
		call.on('error', () => {});
	};
}

function streamOutput(output: CapturedOutput) {
	return async (call: ServerWritableStream<Buffer, Uint8Array>): Promise<void> => {
		for await (const piece of output.read()) {
			if (call.cancelled) return;
			if (!call.write(stdioForm.encode(piece))) await roomIn(call);
		}
		call.end();
	};
}
