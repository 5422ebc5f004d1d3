// Serves over TCP and QUIC in a process of its own, on Node or Deno, whose memory is the listeners' alone: its identity comes as a line
// on stdin, and both ports go out as a line on stdout. Ends with its stdin.
import { createInterface } from 'node:readline';
import type { ExchangeHandler, Listener } from '../../src/runtime/carrier/carrier.ts';
import { quicCarrier } from '../../src/runtime/carrier/quic/quic-carrier.ts';
import { listenTcp } from '../../src/runtime/carrier/tcp/listen-tcp.ts';

const listeners: Listener[] = [];

/** Answers `echo`, tells `connections`, sends 1 MiB for `much`, and never answers anything else. */
const handler: ExchangeHandler = (exchange) => {
	const { toolName, arguments: given } = exchange.request.toolCall ?? {};
	if (toolName === 'echo') exchange.finish({ toolCall: { success: true, result: given ?? {} } });
	else if (toolName === 'connections') {
		const count = listeners.reduce((sum, { connectionCount }) => sum + connectionCount, 0);
		exchange.finish({ toolCall: { success: true, result: { count } } });
	} else if (toolName === 'much')
		exchange.finish({ toolCall: { success: true, result: { text: 'x'.repeat(1024 * 1024) } } });
};

const lines = createInterface({ input: process.stdin });
lines.once('line', async (line) => {
	const identity = JSON.parse(line);
	const host = '127.0.0.1';
	// What gives way does so because there are too many, also where a busy machine takes long to make them.
	const timeouts = { handshakeMs: 120_000 };
	const tcp = await listenTcp({ carrier: 'tcp', host, port: 0 }, { identity, handler }, timeouts);
	const quic = await quicCarrier.listen({ carrier: 'quic', host, port: 0 }, { identity, handler });
	listeners.push(tcp, quic);
	console.log(JSON.stringify({ tcp: tcp.address.port, quic: quic.address.port }));
});
lines.once('close', () => process.exit());
