import type { IdentitySource } from '../identity/sources/identity-source.ts';
import type { Connection } from './carrier.ts';
import { revokedServer } from './revoked-peer.ts';

/** Closes a connection as soon as its peer is revoked: the calls under way end with `peer_revoked`. Costs nothing once it is closed. */
export function closeWhenRevoked(connection: Connection, source: IdentitySource): void {
	const check = (): void => {
		const error = revokedServer(source.current, connection.peer);
		if (error) void connection.close(error);
	};
	const unsubscribe = source.subscribe(check);
	void connection.closed.then(unsubscribe);
	check();
}
