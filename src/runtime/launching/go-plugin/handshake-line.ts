import { isLoopback } from '../../carrier/address.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';

/** The only version of go-plugin's own protocol. */
const coreVersion = '1';

/** A sixth field that is shorter is no certificate: go-plugin itself ignores it. */
const shortestCertificate = 50;

/** Longer lines are quoted up to here. */
const quotedLength = 200;

/** First line of a go-plugin. */
export interface Handshake {
	/** The version of the plugin's own protocol that it chose. */
	readonly version: number;
	readonly network: 'unix' | 'tcp';
	/** A path, or `host:port` of this machine. */
	readonly address: string;
	/** The certificate of this launch, DER; undefined where it speaks in the clear. */
	readonly certificate: Uint8Array | undefined;
}

/**
 * Reads `CORE|VERSION|NETWORK|ADDRESS|PROTOCOL|CERTIFICATE|…`; the last ones may be absent, and what follows them is ignored.
 *
 * @param name the plugin, for messages
 * @param versions what this host offered
 * @throws OrchestraError `start_failed`
 */
export function parseHandshake(line: string, name: string, versions: readonly number[]): Handshake {
	const fail = (why: string, hint?: string) =>
		new OrchestraError('start_failed', `${name} ${why}`, { hint, details: { line: quoted(line) } });
	const [core = '', version = '', network = '', address = '', protocol = 'netrpc', certificate = ''] = line
		.trim()
		.split('|');
	if (address === '') {
		throw fail(
			`printed what is no handshake of a go-plugin: ${quoted(line)}`,
			'Is it a go-plugin at all? What it prints on stdout before its handshake belongs on stderr.',
		);
	}
	if (core !== coreVersion) {
		throw fail(
			`speaks version ${quoted(core)} of go-plugin's own protocol, and this host speaks ${coreVersion}`,
			'Build it with a go-plugin of version 1.',
		);
	}
	const chosen = Number(version);
	if (!/^\d+$/.test(version) || !versions.includes(chosen)) {
		throw fail(
			`speaks version ${quoted(version)} of its protocol, and this host offered ${versions.join(', ')}`,
			`Offer what it speaks: --protocol ${/^\d+$/.test(version) ? version : 'N'}.`,
		);
	}
	if (network !== 'unix' && network !== 'tcp') {
		throw fail(`listens on a network that is neither unix nor tcp: ${quoted(network)}`);
	}
	if (network === 'tcp' && !isLoopback(address.slice(0, Math.max(0, address.lastIndexOf(':'))))) {
		throw fail(`listens at ${quoted(address)}, which is not of this machine`);
	}
	if (protocol !== 'grpc') {
		throw fail(
			`speaks ${quoted(protocol)}, and this host speaks gRPC`,
			protocol === 'netrpc'
				? 'Plugins over net/rpc carry values as Go alone knows them: serve it over gRPC (GRPCServer: plugin.DefaultGRPCServer).'
				: undefined,
		);
	}
	return {
		version: chosen,
		network,
		address,
		certificate: certificate.length > shortestCertificate ? Buffer.from(certificate, 'base64') : undefined,
	};
}

function quoted(text: string): string {
	return JSON.stringify(text.length > quotedLength ? `${text.slice(0, quotedLength)}…` : text);
}
