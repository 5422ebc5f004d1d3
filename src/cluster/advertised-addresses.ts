import { hostname } from 'node:os';
import { type Address, formatAddress } from '../runtime/carrier/address.ts';

/** Addresses at which other nodes reach this one, where its configuration names none: those at which it listens. */
export function advertisedAddresses(listening: readonly Address[]): string[] {
	return listening
		.filter(({ carrier }) => carrier !== 'tcp+plain')
		.map((address) => formatAddress(reachable(address)));
}

/** An address that means something elsewhere. */
function reachable(address: Address): Address {
	return address.host === '0.0.0.0' || address.host === '::' ? { ...address, host: hostname() } : address;
}
