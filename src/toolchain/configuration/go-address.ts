import { type Address, isAddressUrl, parseAddress } from '../../runtime/carrier/address.ts';

/**
 * Reads the `host:port` of a Go-format file; without a host it is every interface, as in Go.
 *
 * @throws OrchestraError `invalid_address`
 */
export function goAddress(text: string, carrier: 'quic' | 'tcp'): Address {
	if (isAddressUrl(text)) return parseAddress(text, carrier);
	return parseAddress(text.startsWith(':') ? `0.0.0.0${text}` : text, carrier);
}
