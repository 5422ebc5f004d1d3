import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Address, formatAddress, parseAddress } from '../../runtime/carrier/address.ts';
import { dial } from '../../runtime/carrier/network-carrier.ts';
import { systemErrorCode } from '../../runtime/identity/directory/certs-directory.ts';
import { loadIdentity } from '../../runtime/identity/directory/load-identity.ts';
import { messageOf } from '../../runtime/wire/thrown-value.ts';
import type { DoctorCheck, DoctorFinding } from './finding.ts';

/** Milliseconds that what listens there has to answer as a server of ours. */
const answerTimeoutMs = 2000;

/** Whether a server can listen where it would, or one that takes our certificate listens there already. */
export const portCheck: DoctorCheck = {
	name: 'ports',
	run: ({ listen, certsDir }) => Promise.all(listen.map((text) => findingOf(parseAddress(text), certsDir))),
};

async function findingOf(address: Address, certsDir: string): Promise<DoctorFinding> {
	const check = 'ports';
	const shown = formatAddress(address);
	try {
		await (address.carrier === 'quic' ? bindUdp(address) : bindTcp(address));
		return { check, state: 'ok', message: `${shown} is free` };
	} catch (error) {
		const elsewhere = `orchestra serve --listen ${formatAddress({ ...address, port: 0 })}`;
		if (systemErrorCode(error) !== 'EADDRINUSE') {
			return {
				check,
				state: 'fault',
				message: `nothing can listen at ${shown}: ${messageOf(error)}`,
				mend: elsewhere,
			};
		}
		if (await answers(address, certsDir))
			return { check, state: 'ok', message: `a server of yours runs at ${shown}` };
		return {
			check,
			state: 'fault',
			message: `something else listens at ${shown}, or a server with other certificates`,
			mend: elsewhere,
		};
	}
}

async function bindUdp({ host, port }: Address): Promise<void> {
	const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
	try {
		socket.bind(port, host);
		await once(socket, 'listening');
	} finally {
		socket.close();
	}
}

async function bindTcp({ host, port }: Address): Promise<void> {
	const server = createServer();
	server.listen(port, host);
	await once(server, 'listening');
	server.close();
	await once(server, 'close');
}

async function answers(address: Address, certsDir: string): Promise<boolean> {
	try {
		const identity = await loadIdentity(certsDir, 'cli');
		const connection = await dial(address, { identity, timeoutMs: answerTimeoutMs });
		await connection.close();
		return true;
	} catch {
		return false;
	}
}
