// The program of startPeerProcess: see peer-process.ts.
import { formatAddress, type NetworkCarrier, parseAddress } from '../../src/runtime/carrier/address.ts';
import type { ExchangeHandler, KeepAlive } from '../../src/runtime/carrier/carrier.ts';
import { inheritedLine } from '../../src/runtime/carrier/fd/inherited-line.ts';
import { connectLine, peerOnLine, serveLine } from '../../src/runtime/carrier/fd/line.ts';
import { lineVariable } from '../../src/runtime/carrier/fd/line-descriptors.ts';
import { dial, listen } from '../../src/runtime/carrier/network-carrier.ts';
import type { Identity } from '../../src/runtime/identity/identity.ts';

interface Orders {
	role: 'call' | 'serve';
	identity: Identity;
	carrier: NetworkCarrier | 'fd';
	address?: string;
	keepAlive?: KeepAlive;
}

let input = '';
for await (const text of process.stdin) input += text;
const { role, identity, carrier, address, keepAlive } = JSON.parse(input) as Orders;
/** The answer never comes. */
const handler: ExchangeHandler = (exchange) => {
	// A sign that the request came.
	if (exchange.request.acceptsProgress) exchange.send({ progress: { progress: 1 } });
};
const line = carrier === 'fd' ? inheritedLine({ [lineVariable]: '3,4' }) : undefined;
const host = peerOnLine('host');
if (role === 'serve') {
	if (line) serveLine(line.toProcess, host, { handler });
	ready(carrier === 'fd' ? '' : await listening(carrier));
} else {
	const connection = line
		? connectLine(line.toHost, host, keepAlive)
		: await dial(parseAddress(address ?? ''), { identity, keepAlive });
	const sink = { next: () => undefined, done: () => undefined, fail: () => undefined };
	connection.exchange({ toolCall: { toolName: 'echo' } }, sink);
	ready(address ?? '');
}

async function listening(on: NetworkCarrier): Promise<string> {
	const listener = await listen({ carrier: on, host: '127.0.0.1', port: 0 }, { identity, handler });
	return formatAddress(listener.address);
}

function ready(at: string): void {
	process.stdout.write(`${JSON.stringify({ pid: process.pid, address: at })}\n`);
}
