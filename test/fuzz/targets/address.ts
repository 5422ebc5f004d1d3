import { formatAddress, isAddressUrl, parseAddress } from '../../../src/runtime/carrier/address.ts';
import { allow } from '../allowed-error.ts';
import { expect, type FuzzTarget } from '../fuzz-target.ts';

/** The text of an address. What can be read can be written, and reads the same. */
export function addressTarget(): FuzzTarget {
	const texts = (list: readonly string[]) => list.map((text) => Buffer.from(text));
	return {
		seeds: texts([
			'quic://127.0.0.1:50100',
			'tcp://localhost:1',
			'tcp+plain://[::1]:65535',
			'127.0.0.1:0',
			'[fe80::1%eth0]:7',
			'HTTP://a:1',
			'quic://host:80/',
			'a:b:c',
			'',
		]),
		dictionary: texts([
			'://',
			'[',
			']',
			':',
			'%',
			'65536',
			'00000',
			'/',
			'@',
			'?',
			'#',
			' ',
			'\u00e4',
			'quic',
			'tcp+plain',
		]),
		maxBytes: 400,
		run(input) {
			const text = Buffer.from(input).toString('utf8');
			isAddressUrl(text);
			try {
				const address = parseAddress(text);
				expect(address.port >= 0 && address.port <= 65_535, 'a port is a port');
				expect(address.host.length > 0, 'a host is not empty');
				const again = parseAddress(formatAddress(address));
				expect(JSON.stringify(again) === JSON.stringify(address), 'an address reads as it was written');
			} catch (error) {
				allow(error, ['invalid_address']);
			}
		},
	};
}
