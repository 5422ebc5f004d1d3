// A listener on Deno that echoes: the identity comes on stdin, the port goes to stdout.
import { listenTcp } from '../../../src/runtime/carrier/tcp/listen-tcp.ts';
import type { Identity } from '../../../src/runtime/identity/identity.ts';
import { echo } from '../handlers.ts';

process.stdin.setEncoding('utf8');
process.stdin.once('data', async (line) => {
	const listener = await listenTcp(
		{ carrier: 'tcp', host: '127.0.0.1', port: 0 },
		{ identity: JSON.parse(String(line)) as Identity, handler: echo },
		{ handshakeMs: 5000, stallMs: 1000 },
	);
	process.stdout.write(`${listener.address.port}\n`);
});
process.stdin.once('end', () => process.exit(0));
