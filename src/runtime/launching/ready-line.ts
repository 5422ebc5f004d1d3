import { type Address, parseAddress } from '../carrier/address.ts';

/**
 * The address in the line by which a plugin says that it listens: `READY host:port` (QUIC) or `READY tcp://host:port`;
 * undefined for every other line.
 *
 * @throws OrchestraError `invalid_address` for a READY with something else behind it
 */
export function parseReadyLine(line: string): Address | undefined {
	const ready = /^READY(?:[ \t]+(\S*))?[ \t]*$/.exec(line);
	return ready ? parseAddress(ready[1] ?? '', 'quic') : undefined;
}

/** Address at which to dial a plugin that listens there: one that listens on every interface is reached over loopback. */
export function dialableAddress(address: Address): Address {
	if (address.host === '0.0.0.0') return { ...address, host: '127.0.0.1' };
	if (address.host === '::') return { ...address, host: '::1' };
	return address;
}
