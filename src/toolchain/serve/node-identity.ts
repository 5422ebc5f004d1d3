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
 * @throws OrchestraError `certificate_missing` where the directory has no authority, or neither the certificate of the node nor a key to
 * issue it with, and what {@link hostIdentity} throws
 */
export async function nodeIdentity(
	certsDir: string,
	onLog: (entry: LogEntry) => void,
	node: string,
): Promise<IdentitySource> {
	const [own, key] = [`${node}.crt`, 'ca.key'];
	const isMissing = async (file: string) => {
		try {
			await stat(join(certsDir, file));
			return false;
		} catch (error) {
			// Anything else is said by whoever reads it next.
			return systemErrorCode(error) === 'ENOENT';
		}
	};
	const hint =
		'All nodes have theirs from one authority, so none is made up here. Begin with the folders that orchestra cluster init ' +
		`writes, or bring ${node}.pem from where the authority is: orchestra certs import ${node}.pem. Where they are says certs_dir.`;
	const missing = (message: string, path: string) =>
		new OrchestraError('certificate_missing', message, { hint, details: { node, path } });
	const authority = join(certsDir, 'ca.crt');
	if (await isMissing('ca.crt')) {
		throw missing(`node ${node} has no certificates: there is no ${authority}`, authority);
	}
	if ((await isMissing(own)) && (await isMissing(key))) {
		const path = join(certsDir, own);
		throw missing(`node ${node} has no certificate: there is no ${path}`, path);
	}
	return hostIdentity(certsDir, onLog, node);
}
