// The program of startPeerProcess: see peer-process.ts.
import { formatAddress, type NetworkCarrier, parseAddress } from '../../src/runtime/carrier/address.ts';
import type { KeepAlive } from '../../src/runtime/carrier/carrier.ts';
import { dial, listen } from '../../src/runtime/carrier/network-carrier.ts';
import type { Identity } from '../../src/runtime/identity/identity.ts';

interface Orders {
	role: 'call' | 'serve';
	identity: Identity;
	carrier: NetworkCarrier;
	address?: string;
	keepAlive?: KeepAlive;
}

let input = '';
for await (const text of process.stdin) input += text;
const { role, identity, carrier, address, keepAlive } = JSON.parse(input) as Orders;
if (role === 'serve') {
	const listener = await listen(
		{ carrier, host: '127.0.0.1', port: 0 },
		{
			identity,
			handler: (exchange) => {
				// A sign that the request came; the answer never does.
				if (exchange.request.acceptsProgress) exchange.send({ progress: { progress: 1 } });
			},
		},
	);
	ready(formatAddress(listener.address));
} else {
	const connection = await dial(parseAddress(address ?? ''), { identity, keepAlive });
	const sink = { next: () => undefined, done: () => undefined, fail: () => undefined };
	connection.exchange({ toolCall: { toolName: 'echo' } }, sink);
	ready(address ?? '');
}

function ready(at: string): void {
	process.stdout.write(`${JSON.stringify({ pid: process.pid, address: at })}\n`);
}
