import { OrchestraError } from '../../wire/orchestra-error.ts';
import { assertCertificateName } from '../certificate-name.ts';
import { loadSettledAuthority } from '../directory/authority.ts';
import { type LockedCertsDirectory, openCertsDir } from '../directory/certs-directory.ts';
import { withCertsLock } from '../directory/certs-lock.ts';
import { leafFault, leafMissing, leafNames, readLeaf } from '../directory/leaf.ts';
import type { Authority } from '../x509/issue.ts';
import { renewLeaf } from './ensure-identity.ts';

/** Outcome of one certificate's renewal. */
export interface RenewalReport {
	readonly name: string;
	/** Undefined where it was renewed. */
	readonly problem: OrchestraError | undefined;
}

/** Options of renewing certificates. */
export interface RenewOptions {
	/** Validity of the new ones, in days. Default: as long as the old ones were valid. */
	readonly days?: number | undefined;
	/** Give them new keys, too. One that was revoked gets a new one in any case. */
	readonly newKey?: boolean | undefined;
}

/**
 * Renews certificates of a directory now, whatever is left of them and whoever issued them.
 *
 * @param names undefined for all
 * @returns a report for each name; one that cannot be renewed does not stop the others
 * @throws OrchestraError `invalid_name`, `certs_dir_unusable`, and what loading the authority throws
 */
export async function renewIdentities(
	certsDir: string,
	names: readonly string[] | undefined,
	options: RenewOptions = {},
): Promise<RenewalReport[]> {
	for (const name of names ?? []) assertCertificateName(name);
	const opened = await openCertsDir(certsDir, false);
	return withCertsLock(opened, async (dir) => {
		const authority = await loadSettledAuthority(dir);
		return renewEach(dir, names ?? (await leafNames(dir)), authority, options);
	});
}

/** {@link renewIdentities} for a caller that holds the lock. */
export async function renewEach(
	dir: LockedCertsDirectory,
	names: readonly string[],
	authority: Authority,
	options: RenewOptions = {},
): Promise<RenewalReport[]> {
	const reports: RenewalReport[] = [];
	for (const name of names) {
		try {
			await renewOne(dir, name, authority, options);
			reports.push({ name, problem: undefined });
		} catch (error) {
			reports.push({ name, problem: OrchestraError.from(error, 'internal') });
		}
	}
	return reports;
}

async function renewOne(
	dir: LockedCertsDirectory,
	name: string,
	authority: Authority,
	options: RenewOptions,
): Promise<void> {
	assertCertificateName(name);
	const leaf = await readLeaf(dir, name);
	if (leaf === undefined) throw leafMissing(dir, name);
	const revoked = leafFault(dir, leaf)?.code === 'certificate_revoked';
	await renewLeaf(dir, leaf, authority, { ...options, newKey: options.newKey || revoked });
}
