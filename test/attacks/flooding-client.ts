// Floods a server with small calls over one connection, as fast as it takes them. Whom to flood comes as a line of JSON on stdin; a line on
// stdout says that it has begun. Ends with its stdin.
import { createInterface } from 'node:readline';
import type { Address } from '../../src/runtime/carrier/address.ts';
import type { Connection } from '../../src/runtime/carrier/carrier.ts';
import { networkCarrier } from '../../src/runtime/carrier/network-carrier.ts';
import type { Identity } from '../../src/runtime/identity/identity.ts';
import { encodeRequestFrame } from '../../src/runtime/wire/frame.ts';
import { RawClient } from '../carriers/tcp/raw-client.ts';

/** Calls that go out in one piece over TCP. */
const callsInPiece = 1000;

/** Calls under way at once over QUIC: as many as there may be. */
const callsAtOnce = 1000;

const lines = createInterface({ input: process.stdin });
lines.once('line', async (line) => {
	const { identity, address }: { identity: Identity; address: Address } = JSON.parse(line);
	if (address.carrier === 'tcp') await floodTcp(address, identity);
	else {
		const { dial } = await networkCarrier(address.carrier);
		floodQuic(await dial(address, { identity }));
	}
	console.log('begun');
});
lines.once('close', () => process.exit());

/** Waits for no answer; reads them, so that nothing holds it back but the server's own pace. */
async function floodTcp(address: Address, identity: Identity): Promise<void> {
	const { socket } = await RawClient.connect(address, identity, { read: false });
	socket.resume();
	const frames = Array.from({ length: callsInPiece }, (_, index) =>
		encodeRequestFrame({ requestId: `${index}`, toolCall: { toolName: 'echo', arguments: { a: index } } }),
	);
	const piece = Buffer.concat(frames);
	const write = () => {
		while (socket.write(piece));
	};
	socket.on('drain', write);
	write();
}

function floodQuic(connection: Connection): void {
	const request = { toolCall: { toolName: 'echo', arguments: { a: 1 } } };
	const start = () =>
		void connection.exchange({ ...request }, { next: () => undefined, done: start, fail: () => undefined });
	for (let index = 0; index < callsAtOnce; index++) start();
}
