import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { messageOf } from '../../runtime/wire/thrown-value.ts';

/** Says what an error of the client of NATS means here. @param servers for the message, as is the node */
export function natsFault(error: unknown, servers: readonly string[], node = ''): OrchestraError {
	if (error instanceof OrchestraError) return error;
	const where = servers.join(', ');
	const text = chainText(error);
	const name = error instanceof Error ? error.name : '';
	if (name === 'PermissionViolationError') return permissionFault(error as PermissionFault, node);
	if (name === 'AuthorizationError' || /authorization violation|authentication/i.test(text)) {
		return new OrchestraError(
			'cluster_refused',
			`NATS at ${where} knows no user for the certificate of this node`,
			{
				hint: 'The user of the server has the name of the node: orchestra cluster permissions prints its configuration.',
				cause: error,
			},
		);
	}
	if (/certificate|alert|self.signed|unable to (verify|get)|ERR_TLS|handshake/i.test(text)) {
		return new OrchestraError(
			'cluster_refused',
			`TLS with NATS at ${where} could not be agreed on: ${text}`,
			{
				hint: 'Node and server need certificates of one authority, and the server one for its host name.',
				cause: error,
			},
		);
	}
	if (/jetstream.*not enabled|no jetstream/i.test(text)) {
		return new OrchestraError('cluster_refused', `NATS at ${where} has no JetStream for this account`, {
			hint: 'Start nats-server with -js, or with a jetstream block in its configuration.',
			cause: error,
		});
	}
	return new OrchestraError('cluster_unavailable', `NATS at ${where} cannot be reached: ${text}`, {
		retryable: true,
		hint: 'Start the server, or see why it cannot be reached. Local plugins work on.',
		cause: error,
	});
}

interface PermissionFault extends Error {
	readonly operation?: string;
	readonly subject?: string;
}

/** Reads a refusal, which the server says on the status of a connection and nowhere else. */
export function permissionFault(
	{ operation = 'publish', subject = '', message }: PermissionFault,
	node: string,
): OrchestraError {
	const verb = operation === 'publish' ? 'publish to' : 'subscribe to';
	const who = node === '' ? 'this node' : `node ${node}`;
	return new OrchestraError('cluster_refused', `NATS does not let ${who} ${verb} ${subject || message}`, {
		hint:
			'Print the users of the server anew: orchestra cluster permissions. With --manifests they may use no more than manifests ' +
			'declare and access.rules of the node allow: declare it there, or leave --manifests out.',
		details: { operation, subject, ...(node === '' ? {} : { node }) },
	});
}

function chainText(error: unknown): string {
	const parts: string[] = [];
	for (let at = error, depth = 0; at !== undefined && depth < 4; depth++) {
		parts.push(messageOf(at));
		at = at instanceof Error ? at.cause : undefined;
	}
	return [...new Set(parts)].filter(Boolean).join(': ');
}
