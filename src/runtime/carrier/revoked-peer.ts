import type { Identity } from '../identity/identity.ts';
import { revokedWhen } from '../identity/revocations.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { Connection } from './carrier.ts';
import type { Peer } from './peer.ts';

/** Reason for not serving a client: `certificate_revoked`, which the client is told; undefined where it may be served. */
export function revokedClient(identity: Identity | undefined, peer: Peer): OrchestraError | undefined {
	const revocation = identity?.revocations?.find(peer);
	if (revocation === undefined) return undefined;
	return new OrchestraError(
		'certificate_revoked',
		`the certificate of "${peer.name}" was revoked ${revokedWhen(revocation)}`,
		{
			hint: 'Whoever runs the certificate authority can allow it again.',
			details: { name: peer.name, at: revocation.at },
		},
	);
}

/** Reason for sending nothing to a server: `peer_revoked`; undefined where it may be sent to. */
export function revokedServer(identity: Identity, peer: Peer): OrchestraError | undefined {
	const revocation = identity.revocations?.find(peer);
	if (revocation === undefined) return undefined;
	return new OrchestraError(
		'peer_revoked',
		`the certificate of "${peer.name}" at ${peer.address} was revoked ${revokedWhen(revocation)}`,
		{
			hint: `If that is over, run: orchestra certs revoke ${revocation.name ?? peer.name} --undo.`,
			details: { address: peer.address, name: peer.name, at: revocation.at },
		},
	);
}

/** Closes a new connection to a server that is revoked. @throws OrchestraError `peer_revoked` */
export async function refuseRevoked(connection: Connection, identity: Identity): Promise<void> {
	const revoked = revokedServer(identity, connection.peer);
	if (revoked === undefined) return;
	await connection.close(revoked);
	throw revoked;
}
