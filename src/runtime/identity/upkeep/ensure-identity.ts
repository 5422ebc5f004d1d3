import { OrchestraError } from '../../wire/orchestra-error.ts';
import { assertCertificateName } from '../certificate-name.ts';
import { ensureAuthorityIn, loadSettledAuthority } from '../directory/authority.ts';
import {
	type CertsDirectory,
	certsDirError,
	type LockedCertsDirectory,
	openCertsDir,
} from '../directory/certs-directory.ts';
import { withCertsLock } from '../directory/certs-lock.ts';
import {
	type Leaf,
	leafDaysIn,
	leafFault,
	leafPaths,
	readLeaf,
	readLeafKey,
	renewalDays,
	trustOf,
} from '../directory/leaf.ts';
import { loadIdentity, readSettledLeaf } from '../directory/load-identity.ts';
import { createPemFile, replacePemFile, unlinkIfThere } from '../directory/pem-file.ts';
import { assertNotRevoked, authorityPhaseError, readRevocations } from '../directory/trust.ts';
import type { Identity } from '../identity.ts';
import type { Authority } from '../x509/issue.ts';
import { isGiven, isIssuedHere } from '../x509/read-certificate.ts';
import { phaseOf, validityOf } from '../x509/validity.ts';

/** Codes of faults that a new certificate mends. One is not valid yet where the clock was ahead when it was issued. */
export const renewableCodes: ReadonlySet<string> = new Set([
	'certificate_untrusted',
	'certificate_expired',
	'certificate_not_yet_valid',
]);

/** Options of {@link ensureIdentity}. */
export interface EnsureIdentityOptions {
	/** Validity of a certificate that it issues, in days. Default: 30, or as long as the one that it renews. */
	readonly days?: number | undefined;
}

/**
 * Loads the identity of a name, and makes what is absent: the directory, the authority, the certificate. A certificate of ours
 * that has expired, is not valid yet, has less than a third of its life left, or was issued by another authority is renewed, with the same key,
 * where the authority's key is there. One that another program made is used as it is. Any number of processes may do this at once.
 *
 * @throws OrchestraError what {@link loadIdentity} throws, except that nothing is there. A file that is corrupt, or a key that
 * does not match, is an error and never replaced; so is what was revoked.
 *
 * @example
 * import { ensureIdentity, resolveCertsDir } from 'orchestra-toolchain/client';
 *
 * const identity = await ensureIdentity(resolveCertsDir(), 'my-program', { days: 7 });
 * console.log(identity.name);
 */
export async function ensureIdentity(
	certsDir: string,
	name: string,
	options: EnsureIdentityOptions = {},
): Promise<Identity> {
	assertCertificateName(name);
	const dir = await openCertsDir(certsDir, true);
	return renewedIdentity(dir, name, await readLeafQuietly(dir, name), true, options);
}

/**
 * {@link ensureIdentity} without making anything that is absent: for whoever has used the identity before, and would take a
 * directory that was emptied for another.
 *
 * @throws OrchestraError what {@link loadIdentity} throws
 */
export async function refreshIdentity(
	certsDir: string,
	name: string,
	options: EnsureIdentityOptions = {},
): Promise<Identity> {
	assertCertificateName(name);
	const dir = await openCertsDir(certsDir, false);
	return renewedIdentity(dir, name, await readSettledLeaf(dir, name), false, options);
}

async function renewedIdentity(
	dir: CertsDirectory,
	name: string,
	leaf: Leaf | undefined,
	create: boolean,
	options: EnsureIdentityOptions,
): Promise<Identity> {
	const usable = leaf !== undefined && leafFault(dir, leaf) === undefined;
	if (usable && !isDue(leaf)) return leaf.identity;
	try {
		return await withCertsLock(dir, (locked) => renewIn(locked, name, create, options));
	} catch (error) {
		// A renewal that is early may fail: what there is still serves.
		if (usable && create) return leaf.identity;
		throw error;
	}
}

async function renewIn(
	dir: LockedCertsDirectory,
	name: string,
	create: boolean,
	options: EnsureIdentityOptions,
): Promise<Identity> {
	const leaf = await readLeaf(dir, name);
	if (leaf === undefined) return create ? createIn(dir, name, options) : loadIdentity(dir, name);
	const fault = leafFault(dir, leaf);
	if (fault === undefined && !isDue(leaf)) return leaf.identity;
	if (fault !== undefined) {
		if (!renewableCodes.has(fault.code) || !isIssuedHere(leaf.chain[0])) throw fault;
		// A new certificate does not help where the authority is the one that is not valid now.
		const authorityFault = authorityPhaseError(dir, leaf.authorities.certificates[0]);
		if (authorityFault !== undefined) throw authorityFault;
	}
	try {
		await renewLeaf(dir, leaf, await loadSettledAuthority(dir), options);
	} catch (error) {
		// The clock may be what is wrong: that is what has to be said then.
		throw fault?.code === 'certificate_not_yet_valid' ? fault : error;
	}
	return loadIdentity(dir, name);
}

async function createIn(
	dir: LockedCertsDirectory,
	name: string,
	options: EnsureIdentityOptions,
): Promise<Identity> {
	const authority = await ensureAuthorityIn(dir);
	const notBefore = assertNotRevoked(dir, await readRevocations(dir), name);
	const { issueIdentity } = await import('../x509/issue.ts');
	const { crt, key } = leafPaths(dir, name);
	const issue = { days: options.days ?? leafDaysIn(authority), notBefore };
	try {
		if ((await readLeafKey(dir, name)) === undefined) {
			await createPemFile(key, issueIdentity(authority, name, issue).privateKeyPem);
		}
		// A key without a certificate is what an interruption leaves.
		const privateKeyPem = await readLeafKey(dir, name);
		await createPemFile(crt, issueIdentity(authority, name, { ...issue, privateKeyPem }).certificatePem);
	} catch (error) {
		throw certsDirError(dir, error);
	}
	return loadIdentity(dir, name);
}

/** Whether a renewal of ours is due, and brings more life: no leaf outlives its authority. */
function isDue(leaf: Leaf): boolean {
	if (!isIssuedHere(leaf.chain[0])) return false;
	const validity = validityOf(leaf.chain[0]);
	if (phaseOf(validity) === 'valid') return false;
	return validity.notAfter < validityOf(leaf.authorities.certificates[0]).notAfter;
}

/** Undefined where there is no leaf, or where it is not of one piece, which may pass: the lock will tell. */
async function readLeafQuietly(dir: CertsDirectory, name: string): Promise<Leaf | undefined> {
	try {
		return await readLeaf(dir, name);
	} catch (error) {
		if (error instanceof OrchestraError && /^certificate_(?:missing|invalid)$/.test(error.code))
			return undefined;
		throw error;
	}
}

/** Options of {@link renewLeaf}. */
export interface RenewLeafOptions {
	/** Validity of the new certificate. Default: {@link renewalDays}. */
	readonly days?: number | undefined;
	/** Whether it gets a new key as well. Default false: then one file changes only, and whoever reads finds a pair that matches. */
	readonly newKey?: boolean | undefined;
}

/**
 * Puts a new certificate in the place of a leaf.
 *
 * @throws OrchestraError `certificate_revoked` where the name is, `certs_dir_unusable`
 */
export async function renewLeaf(
	dir: LockedCertsDirectory,
	leaf: Leaf,
	authority: Authority,
	options: RenewLeafOptions = {},
): Promise<Identity> {
	const { name, privateKeyPem } = leaf.identity;
	const notBefore = assertNotRevoked(dir, leaf.authorities.revocations, name);
	const { issueIdentity } = await import('../x509/issue.ts');
	const days = options.days ?? renewalDays(leaf, authority);
	const key = options.newKey ? {} : { privateKeyPem };
	const identity = issueIdentity(authority, name, { days, notBefore, given: isGiven(leaf.chain[0]), ...key });
	const paths = leafPaths(dir, name);
	try {
		if (options.newKey) {
			// A crash after any of these steps leaves a key without a certificate at worst, never two that do not match.
			await unlinkIfThere(paths.crt);
			await replacePemFile(paths.key, identity.privateKeyPem);
		}
		await replacePemFile(paths.crt, identity.certificatePem);
	} catch (error) {
		throw certsDirError(dir, error);
	}
	return { ...identity, ...trustOf(leaf.authorities) };
}
