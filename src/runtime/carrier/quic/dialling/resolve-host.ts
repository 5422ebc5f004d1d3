import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { OrchestraError } from '../../../wire/orchestra-error.ts';

/**
 * The IP literals of a host, in the order to try them: IPv4 first, since that is where most listeners are that were asked for
 * `localhost`. An IP literal is its own, scope included.
 *
 * @throws OrchestraError `unreachable`
 */
export async function resolveHost(host: string): Promise<string[]> {
	if (isIP(host)) return [host];
	try {
		const found = await lookup(host, { all: true });
		const addresses = [...new Set(found.sort((a, b) => a.family - b.family).map(({ address }) => address))];
		if (addresses.length > 0) return addresses;
	} catch (error) {
		throw unknownHost(host, error);
	}
	throw unknownHost(host, undefined);
}

/** An IP literal as quiche reads it: without its scope. */
export function withoutScope(host: string): string {
	const at = host.indexOf('%');
	return at < 0 ? host : host.slice(0, at);
}

function unknownHost(host: string, cause: unknown): OrchestraError {
	return new OrchestraError('unreachable', `there is no host named ${JSON.stringify(host)}`, { cause });
}
