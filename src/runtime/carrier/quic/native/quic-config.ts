import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Identity } from '../../../identity/identity.ts';
import { onDeno } from '../../../platform/on-deno.ts';
import { OrchestraError } from '../../../wire/orchestra-error.ts';
import { isLoopback } from '../../address.ts';
import type { Quiche, QuicheConfig } from './quiche.ts';

/** Name of the protocol (ALPN), on which both ends have to agree in the TLS handshake. */
const protocol = 'orchestra-plugin';

/**
 * Milliseconds without a datagram from the peer until a connection counts as lost. The smaller of both ends' values holds: this
 * is a listener's, which is as patient as a core peer needs; a client of ours announces its own (see KeepAlive).
 */
export const idleTimeoutMs = 60_000;

/**
 * Exchanges that one peer may have under way at once. Fewer on Deno: the kernel keeps 208 KiB of datagrams for its socket, nobody can ask
 * for more, and what a peer with many sends at once leaves no room for the datagrams of others, which are lost.
 */
const maxStreams = onDeno ? 256 : 1000;

/**
 * Bytes of one stream that may arrive before they are read. After that quiche grants more as they are read, in windows that
 * start at 32 KiB and double up to {@link maxStreamWindow} as long as the reader keeps up with the sender.
 *
 * A message may be larger than this: both ends read a message as it arrives, and stop only between messages, so a stream
 * never waits for credit that only a whole message would free. What it bounds is the memory that a slow reader costs.
 */
export const initialStreamWindow = 1024 * 1024;
export const maxStreamWindow = 8 * 1024 * 1024;

/**
 * Bytes of a whole connection that may arrive before they are read: no limit, so that streams with a slow reader cannot take
 * the credit of all the others. quiche renews the credit of a connection in windows of one and a half streams at most, so that
 * two slow readers would block everything else. Memory is bounded by the number of streams and their windows.
 */
const connectionWindow = 2 ** 50;

/** Bytes of a datagram on a path that is not loopback: fits every path that carries QUIC, tunnels included. */
const remotePacketBytes = 1350;

/** Bytes of a datagram on loopback; macOS allows at most 9,216 there. quiche keeps below what the peer announces. */
const loopbackPacketBytes = process.platform === 'darwin' ? 9000 : 16_000;

/** The largest datagram that {@link createQuicConfig} lets quiche write. */
export const maxPacketBytes = Math.max(remotePacketBytes, loopbackPacketBytes);

/**
 * The settings of connections to or from hosts like this one. They are the same for both ends.
 *
 * @param remoteHost tells whether the path is loopback, where large datagrams are several times cheaper
 * @throws OrchestraError `certificate_invalid`
 */
export function createQuicConfig(
	quiche: Quiche,
	identity: Identity,
	remoteHost: string,
	silenceMs: number = idleTimeoutMs,
): QuicheConfig {
	const config = tlsConfig(quiche, identity);
	config.setApplicationProtos([protocol]);
	config.setMaxIdleTimeout(silenceMs);
	config.setMaxRecvUdpPayloadSize(65_527);
	config.setMaxSendUdpPayloadSize(isLoopback(remoteHost) ? loopbackPacketBytes : remotePacketBytes);
	config.setInitialMaxData(connectionWindow);
	config.setMaxConnectionWindow(connectionWindow);
	config.setInitialMaxStreamDataBidiLocal(initialStreamWindow);
	config.setInitialMaxStreamDataBidiRemote(initialStreamWindow);
	config.setMaxStreamWindow(maxStreamWindow);
	config.setInitialMaxStreamsBidi(maxStreams);
	// See client-handshake.ts and send-budget.ts; nothing else is sent that way.
	config.setInitialMaxStreamsUni(4);
	config.setInitialMaxStreamDataUni(initialStreamWindow);
	config.setDisableActiveMigration(true);
	// Pacing says when to send, which only a timer finer than a millisecond could honour.
	config.enablePacing(false);
	return config;
}

/** By what is asked for beside the identity. A renewed identity is another object. */
const dialConfigs = new WeakMap<Identity, Map<string, QuicheConfig>>();

/**
 * As {@link createQuicConfig}, for the connections that one identity makes: they share what was made for the first, since reading and checking
 * its key and certificates is a third of a dial.
 *
 * @throws OrchestraError `certificate_invalid`
 */
export function sharedQuicConfig(
	quiche: Quiche,
	identity: Identity,
	remoteHost: string,
	silenceMs: number,
): QuicheConfig {
	let configs = dialConfigs.get(identity);
	if (!configs) {
		configs = new Map();
		dialConfigs.set(identity, configs);
	}
	const key = `${isLoopback(remoteHost)} ${silenceMs}`;
	let config = configs.get(key);
	if (!config) {
		config = createQuicConfig(quiche, identity, remoteHost, silenceMs);
		// A caller that asks for another patience each time must not fill the memory.
		if (configs.size < mostDialConfigs) configs.set(key, config);
	}
	return config;
}

/** Configurations that are kept of one identity. */
const mostDialConfigs = 8;

function tlsConfig(quiche: Quiche, identity: Identity): QuicheConfig {
	try {
		checkIdentity(identity);
		return quiche.Config.withBoringSslCtx(
			true,
			false,
			Buffer.from(identity.caPem),
			[Buffer.from(identity.privateKeyPem)],
			[Buffer.from(identity.certificatePem)],
			'ed25519:ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256',
		);
	} catch (error) {
		throw new OrchestraError(
			'certificate_invalid',
			`The certificate, key or CA of "${identity.name}" cannot be used for TLS.`,
			{ hint: 'Issue it anew.', cause: error },
		);
	}
}

/** Finds out here what BoringSSL would find out in the first handshake without a reason, or by ending the process. */
function checkIdentity(identity: Identity): void {
	if (!certificateBlock.test(identity.caPem)) throw new Error('there is no CA');
	if (!certificateBlock.test(identity.certificatePem)) throw new Error('there is no certificate');
	const certificate = new X509Certificate(identity.certificatePem);
	if (!certificate.checkPrivateKey(createPrivateKey(identity.privateKeyPem))) {
		throw new Error('the key is not that of the certificate');
	}
}

const certificateBlock = /^-----BEGIN CERTIFICATE-----$/m;
