import type { Address } from '../../src/runtime/carrier/address.ts';
import { encodeResponseFrame } from '../../src/runtime/wire/frame.ts';
import type { PluginRequest } from '../../src/runtime/wire/generated/messages.ts';
import type { Network } from '../carriers/harness.ts';
import { alive, startScriptedServer } from '../carriers/tcp/scripted-server.ts';
import { startScriptedQuicServer } from './scripted-quic-server.ts';

/** The way back to whoever sent a request: the connection on TCP, the request's own stream on QUIC. */
export interface WayBack {
	/** Sends bytes as they are. */
	write(bytes: Uint8Array): void;
	/** Ends it as one does who has said everything. */
	end(): void;
	/** Breaks it off. */
	reset(): void;
	/** Reads nothing more of the connection. */
	stopReading(): void;
}

/** What a hostile server does with a request that is not a sane one. */
export type HostileScript = (request: PluginRequest, back: WayBack) => void;

/** A server with a good certificate whose manners are its script's. */
export interface HostileServer {
	readonly address: Address;
	close(): Promise<void>;
}

/**
 * Starts a server that answers the tool `echo` well, leaves `hold` without an answer, counts a few chunks for a stream, and does what the
 * script says with everything else.
 */
export async function startHostileServer(
	network: Network,
	script: HostileScript,
	options: { readonly maxStreams?: number } = {},
): Promise<HostileServer> {
	const mannered: HostileScript = (request, back) => {
		const requestId = request.requestId ?? '';
		const tool = request.toolCall?.toolName;
		if (tool === 'hold') return;
		if (tool === 'echo') {
			const result = request.toolCall?.arguments ?? {};
			back.write(encodeResponseFrame({ requestId, toolCall: { success: true, result } }));
			back.end();
		} else if (!request.streamCancel) script(request, back);
	};
	if (network.carrier.name === 'quic') return startScriptedQuicServer(network.server, mannered, options);
	return startScriptedServer(
		network.server,
		alive((request, socket) => {
			const oneCall = request.toolCall?.toolName === 'echo';
			mannered(request, {
				write: (bytes) => socket.write(bytes),
				end: () => {
					if (!oneCall) socket.end();
				},
				reset: () => socket.destroy(),
				stopReading: () => socket.pause(),
			});
		}),
	);
}
