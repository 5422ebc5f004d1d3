import { join } from 'node:path';
import { shellWord } from '../../platform/shell-word.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import {
	assertAuthorityKey,
	loadAuthority,
	loadSettledAuthority,
	readAuthorityKey,
	settleNextKey,
	writeNextKey,
} from '../directory/authority.ts';
import {
	type CertsDirectory,
	certsDirError,
	type LockedCertsDirectory,
	openCertsDir,
} from '../directory/certs-directory.ts';
import { withCertsLock } from '../directory/certs-lock.ts';
import { issuingAuthority, leafNames, readLeaf } from '../directory/leaf.ts';
import { replacePemFile } from '../directory/pem-file.ts';
import { loadTrustedAuthorities, type Rotation, rotationOf, writeRotation } from '../directory/trust.ts';
import type { Authority } from '../x509/issue.ts';
import { fingerprintOf, parseCertificates } from '../x509/read-certificate.ts';
import { dayMs } from '../x509/validity.ts';
import { type RenewalReport, renewEach } from './renew-identities.ts';

/** Time for which both authorities are trusted where nobody says otherwise, in days: as long as a leaf lives. */
export const defaultOverlapDays = 30;

/** Result of a step of a rotation. */
export interface RotationReport {
	/** Undefined once it is finished. */
	readonly rotation: Rotation | undefined;
	/** The certificates that were issued anew. */
	readonly renewed: readonly RenewalReport[];
}

/**
 * Gives a directory a new authority with a new key, and issues every certificate in it anew, with its key. The former authority
 * stays trusted until the overlap ends; until then new certificates also carry the former authority's word for the new one, so that
 * peers who know only that one (programs that run, other machines, the Go SDK, which reads the first certificate of `ca.crt` only)
 * take them. No connection need be closed at any time.
 *
 * @throws OrchestraError `rotation_conflict` where another one is under way, and what loading the authority throws
 */
export async function rotateAuthority(
	certsDir: string,
	options: { readonly overlapDays?: number | undefined } = {},
): Promise<RotationReport> {
	const opened = await openCertsDir(certsDir, false);
	return withCertsLock(opened, async (dir) => {
		const former = await loadSettledAuthority(dir);
		const { rotation: underWay } = await loadTrustedAuthorities(dir);
		if (underWay !== undefined) throw conflict(dir, underWay);
		const rotation = await replaceAuthority(dir, former, options.overlapDays ?? defaultOverlapDays);
		return { rotation, renewed: await renewAll(dir) };
	});
}

/**
 * Ends the overlap of a rotation: the former authority is trusted no more. What it had issued and is still there is issued anew.
 *
 * @throws OrchestraError `rotation_conflict` where no rotation is under way
 */
export async function finishRotation(certsDir: string): Promise<RotationReport> {
	const opened = await openCertsDir(certsDir, false);
	return withCertsLock(opened, async (dir) => {
		const authority = await loadSettledAuthority(dir);
		const { certificates } = await loadTrustedAuthorities(dir);
		const rotation = await rotationOf(dir, certificates[0]);
		if (rotation === undefined) {
			throw new OrchestraError('rotation_conflict', `no rotation is under way in ${dir}`, {
				hint: `To begin one, run: orchestra certs rotate --certs-dir ${shellWord(dir)}.`,
			});
		}
		const renewed = await renewEach(dir, await issuedBy(dir, rotation.previous), authority);
		const trusted = certificates.filter((certificate) => fingerprintOf(certificate) !== rotation.previous);
		try {
			await replacePemFile(join(dir, 'ca.crt'), trusted.map(String).join(''));
			await writeRotation(dir, undefined);
		} catch (error) {
			throw certsDirError(dir, error);
		}
		return { rotation: undefined, renewed };
	});
}

/** The rotation that is under way in a directory, if one is. */
export async function currentRotation(certsDir: string): Promise<Rotation | undefined> {
	return (await loadTrustedAuthorities(await openCertsDir(certsDir, false))).rotation;
}

/** Each step leaves a directory that works: what is interrupted is as it was before, or done but for {@link settleNextKey}. */
async function replaceAuthority(
	dir: LockedCertsDirectory,
	former: Authority,
	overlapDays: number,
): Promise<Rotation> {
	const { createAuthority } = await import('../x509/issue.ts');
	const { crossSign } = await import('../x509/issue.ts');
	const next = createAuthority();
	const [formerCertificate, ...others] = parseCertificates(former.certificatePem, join(dir, 'ca.crt'));
	const now = Date.now();
	const endsAt = new Date(now + overlapDays * dayMs);
	const rotation: Rotation = {
		startedAt: new Date(now).toISOString(),
		endsAt: endsAt.toISOString(),
		previous: fingerprintOf(formerCertificate),
		crossCertificatePem: crossSign(former, next, endsAt),
	};
	const trusted = [next.certificatePem, formerCertificate.toString(), ...others.map(String)];
	try {
		await writeNextKey(dir, next.privateKeyPem);
		await writeRotation(dir, rotation);
		await replacePemFile(join(dir, 'ca.crt'), trusted.join(''));
		await settleNextKey(dir);
	} catch (error) {
		throw certsDirError(dir, error);
	}
	return rotation;
}

async function renewAll(dir: LockedCertsDirectory): Promise<RenewalReport[]> {
	return renewEach(dir, await leafNames(dir), await loadSettledAuthority(dir));
}

/** The names whose certificates end at one authority. */
async function issuedBy(dir: CertsDirectory, fingerprint: string): Promise<string[]> {
	const names: string[] = [];
	for (const name of await leafNames(dir)) {
		// A certificate that cannot be read is not ours to mend here.
		const leaf = await readLeaf(dir, name).catch(() => undefined);
		const issuer = leaf && issuingAuthority(leaf);
		if (issuer && fingerprintOf(issuer) === fingerprint) names.push(name);
	}
	return names;
}

function conflict(dir: CertsDirectory, rotation: Rotation): OrchestraError {
	return new OrchestraError(
		'rotation_conflict',
		`a rotation is under way in ${dir} since ${rotation.startedAt.slice(0, 10)}, until ${rotation.endsAt.slice(0, 10)}`,
		{
			hint: `To end it now, run: orchestra certs rotate --finish --certs-dir ${shellWord(dir)}.`,
			details: { startedAt: rotation.startedAt, endsAt: rotation.endsAt },
		},
	);
}

/**
 * Gives the authority of a directory a new certificate for the key it has, valid for 365 days from now. What it issued before
 * stays good, also with peers that still hold its former certificate.
 *
 * @throws OrchestraError `certificate_missing`, `certificate_invalid`, `key_exposed`, `certs_dir_unusable`
 */
export async function renewAuthority(certsDir: string): Promise<Authority> {
	const opened = await openCertsDir(certsDir, false);
	return withCertsLock(opened, async (dir) => {
		const { createAuthority } = await import('../x509/issue.ts');
		await settleNextKey(dir);
		const privateKeyPem = await readAuthorityKey(dir);
		const { certificates } = await loadTrustedAuthorities(dir);
		assertAuthorityKey(dir, certificates[0], privateKeyPem);
		// Those that were only trusted stay trusted.
		const others = certificates.slice(1).map((certificate) => certificate.toString());
		const { certificatePem } = createAuthority({ privateKeyPem });
		try {
			await replacePemFile(join(dir, 'ca.crt'), [certificatePem, ...others].join(''));
		} catch (error) {
			throw certsDirError(dir, error);
		}
		return loadAuthority(dir);
	});
}
