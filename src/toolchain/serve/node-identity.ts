import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../../runtime/identity/directory/certs-directory.ts';
import type { IdentitySource } from '../../runtime/identity/sources/identity-source.ts';
import type { LogEntry } from '../../runtime/plugin/definition/log.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { hostIdentity } from '../targets/host-identity.ts';

/**
 * Identity of a node of a cluster. An authority is never made here: it would be one that no other node knows.
 *
 * @throws OrchestraError `certificate_missing` where the directory has no authority, and what {@link hostIdentity} throws
 */
export async function nodeIdentity(
	certsDir: string,
	onLog: (entry: LogEntry) => void,
	node: string,
): Promise<IdentitySource> {
	const path = join(certsDir, 'ca.crt');
	try {
		await stat(path);
	} catch (error) {
		// Anything else is said by whoever reads it next.
		if (systemErrorCode(error) !== 'ENOENT') return hostIdentity(certsDir, onLog, node);
		throw new OrchestraError('certificate_missing', `node ${node} has no certificates: there is no ${path}`, {
			hint:
				'All nodes have theirs from one authority, so none is made up here. Begin with the folders that orchestra cluster init ' +
				`writes, or bring ${node}.pem from where the authority is: orchestra certs import ${node}.pem. Where they are says certs_dir.`,
			details: { node, path },
			cause: error,
		});
	}
	return hostIdentity(certsDir, onLog, node);
}
