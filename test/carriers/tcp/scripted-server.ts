import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { createServer } from 'node:tls';
import type { Address } from '../../../src/runtime/carrier/address.ts';
import type { Identity } from '../../../src/runtime/identity/identity.ts';
import { decodeRequest, encodeResponseFrame } from '../../../src/runtime/wire/frame.ts';
import { FrameDecoder } from '../../../src/runtime/wire/frame-decoder.ts';
import type { PluginRequest } from '../../../src/runtime/wire/generated/messages.ts';

/** What a scripted server does with a request. */
export type Script = (request: PluginRequest, socket: TLSSocket) => void;

/** Answers the sign of life that a dial asks for, and leaves the rest to the script. */
export function alive(script: Script): Script {
	return (request, socket) => {
		if (request.streamCredit && !request.streamCredit.bytes) {
			socket.write(encodeResponseFrame({ requestId: request.requestId ?? '' }));
		} else script(request, socket);
	};
}

/** A server over real mutual TLS that answers whatever its script says: the misbehaving peer. */
export async function startScriptedServer(
	identity: Identity,
	script: Script,
): Promise<{ readonly address: Address; readonly sockets: Set<TLSSocket>; close(): Promise<void> }> {
	const sockets = new Set<TLSSocket>();
	const server = createServer({
		cert: identity.certificatePem,
		key: identity.privateKeyPem,
		ca: identity.caPem,
		requestCert: true,
		minVersion: 'TLSv1.3',
		ALPNProtocols: ['orchestra-plugin'],
	});
	server.on('secureConnection', (socket) => {
		sockets.add(socket);
		socket.on('error', () => undefined);
		const decoder = new FrameDecoder();
		socket.on('data', (chunk) => decoder.push(chunk, (payload) => script(decodeRequest(payload), socket)));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		address: { carrier: 'tcp', host: '127.0.0.1', port: (server.address() as { port: number }).port },
		sockets,
		close: async () => {
			for (const socket of sockets) socket.destroy();
			server.close();
			await once(server, 'close');
		},
	};
}
