import { OrchestraError } from '../wire/orchestra-error.ts';

/** The carriers that an address can name. `tcp+plain` is the Go side's unencrypted TCP: loopback only, never a default. */
export type NetworkCarrier = 'quic' | 'tcp' | 'tcp+plain';

/** Address of a listener. */
export interface Address {
	readonly carrier: NetworkCarrier;
	/** A host name or an IP literal, without brackets. */
	readonly host: string;
	/** 0 to 65535; 0 asks a listener for any free port. */
	readonly port: number;
}

const schemes = new Set<string>(['quic', 'tcp', 'tcp+plain']);

/** Whether a text is an address URL, as opposed to a path or a plugin id. */
export function isAddressUrl(text: string): boolean {
	return /^[a-z+]+:\/\//i.test(text) && schemes.has(text.slice(0, text.indexOf(':')).toLowerCase());
}

/**
 * Reads `quic://host:port`, `tcp://host:port`, `tcp+plain://host:port`, or a bare `host:port`, which means `defaultCarrier`
 * (QUIC, as on the Go side). IPv6 literals stand in brackets, with their scope if
 * they have one (`[fe80::1%eth0]:7`).
 *
 * @throws OrchestraError `invalid_address`
 */
export function parseAddress(text: string, defaultCarrier: NetworkCarrier = 'quic'): Address {
	const invalid = (why: string): OrchestraError =>
		new OrchestraError('invalid_address', `${JSON.stringify(text)} is not an address: ${why}`, {
			hint: 'Write it as quic://127.0.0.1:50100 or tcp://127.0.0.1:50101.',
		});
	const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text);
	let carrier = defaultCarrier;
	let rest = text;
	if (scheme) {
		const name = (scheme[1] ?? '').toLowerCase();
		if (!schemes.has(name)) throw invalid(`${name} is no carrier`);
		carrier = name as NetworkCarrier;
		rest = text.slice(scheme[0].length).replace(/\/$/, '');
	}
	const parts = /^(?:\[([0-9a-f:.]+(?:%[^\s:[\]/?#@%]+)?)\]|([^\s:[\]/?#@]+)):(\d{1,5})$/i.exec(rest);
	if (!parts) throw invalid('it needs a host and a port');
	const port = Number(parts[3]);
	if (port > 65535) throw invalid('a port is at most 65535');
	return { carrier, host: (parts[1] ?? parts[2]) as string, port };
}

/** `host:port`, with brackets around an IPv6 literal. */
export function formatHostPort(address: Pick<Address, 'host' | 'port'>): string {
	return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}

/** The URL form of an address: what {@link parseAddress} reads back. */
export function formatAddress(address: Address): string {
	return `${address.carrier}://${formatHostPort(address)}`;
}

/** Whether a host is this machine's loopback interface. */
export function isLoopback(host: string): boolean {
	return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
