import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { RawLink, RawLinkOptions } from './raw-link.ts';

/**
 * Opens a raw link over the carrier that the address names.
 *
 * @throws OrchestraError `unreachable`, `handshake_failed`, `deadline_exceeded`, `carrier_unavailable`
 */
export async function openRawLink(options: RawLinkOptions): Promise<RawLink> {
	switch (options.address.carrier) {
		case 'quic':
			return (await import('./quic-link.ts')).openQuicLink(options);
		case 'tcp':
			return (await import('./tcp-link.ts')).openTcpLink(options);
		case 'tcp+plain':
			throw new OrchestraError('carrier_unavailable', 'raw bytes are sent over QUIC and TCP only');
	}
}
