import { isLoopback } from '../../runtime/carrier/address.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** Reads where a NATS server listens. @returns it as it was given @throws OrchestraError `invalid_address` */
export function parseNatsServer(text: string): string {
	const invalid = (why: string) =>
		new OrchestraError('invalid_address', `${JSON.stringify(text)} is no NATS server: ${why}`, {
			hint: 'Write it as tls://nats-1:4222.',
		});
	const parts = /^(tls|nats):\/\/(?:\[([0-9a-f:.]+)\]|([^\s:[\]/?#@]+)):(\d{1,5})$/i.exec(text);
	if (!parts) throw invalid('it needs tls://, a host and a port');
	const host = parts[2] ?? parts[3] ?? '';
	if (Number(parts[4]) > 65_535) throw invalid('a port is at most 65535');
	if (parts[1] === 'nats' && !isLoopback(host)) {
		throw invalid('nats:// is neither encrypted nor authenticated, so it can only be a loopback address');
	}
	return text;
}
