import { type Address, formatAddress, formatHostPort, isLoopback } from '../carrier/address.ts';
import { dialableAddress } from '../launching/ready-line.ts';

/**
 * Whether every plugin that this machine starts can dial an address, whatever it is written in: a Go plugin knows QUIC only, and
 * holds the certificate against the address itself, and certificates are for loopback addresses.
 */
export function reachesEveryPlugin(address: Address): boolean {
	return address.carrier === 'quic' && isLoopback(dialableAddress(address).host);
}

/**
 * Address of the orchestrator for a plugin that is started here: `host:port`, which means QUIC and is all that the Go side knows,
 * or a URL; undefined where there is no address that a plugin could use.
 */
export function pluginAddress(addresses: readonly Address[]): string | undefined {
	const address =
		addresses.find(reachesEveryPlugin) ??
		addresses.find(({ carrier }) => carrier === 'quic') ??
		addresses.find(({ carrier }) => carrier === 'tcp');
	if (!address) return undefined;
	const dialable = dialableAddress(address);
	return address.carrier === 'quic' ? formatHostPort(dialable) : formatAddress(dialable);
}
