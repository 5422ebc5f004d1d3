import { OrchestraError } from '../../wire/orchestra-error.ts';
import { assertCertificateName } from '../certificate-name.ts';
import { loadSettledAuthority } from '../directory/authority.ts';
import {
	type CertsDirectory,
	certsDirError,
	type LockedCertsDirectory,
	openCertsDir,
} from '../directory/certs-directory.ts';
import { withCertsLock } from '../directory/certs-lock.ts';
import { leafNames, leafPaths, readLeaf } from '../directory/leaf.ts';
import { readPemFile } from '../directory/pem-file.ts';
import { maxReasonLength, maxRevocations, readRevocations, writeRevocations } from '../directory/trust.ts';
import type { Revocation } from '../revocations.ts';
import { fingerprintOf, keyFingerprintOf, parseCertificates } from '../x509/read-certificate.ts';
import { type RenewalReport, renewEach } from './renew-identities.ts';

/** Target of a revocation: a name, or one certificate. */
export type RevocationTarget =
	| { readonly name: string; readonly fingerprint?: undefined }
	| { readonly fingerprint: string; readonly name?: undefined };

/**
 * Revokes a name (a plugin's id: all its certificates, those of `<name>-client` too, whoever issued them and wherever they are) or
 * one certificate, with all others for its key where it lies in the directory. Programs that use the directory close the connections of that peer at once, and refuse new ones. A name that
 * is revoked gets no certificate. Revoking again changes nothing but the reason.
 *
 * @throws OrchestraError `invalid_name`, `usage` (no fingerprint, too many revocations), `certs_dir_unusable`
 */
export async function revoke(
	certsDir: string,
	target: RevocationTarget,
	reason?: string,
): Promise<Revocation> {
	const opened = await openCertsDir(certsDir, false);
	const entry: Revocation = {
		...checkedTarget(target),
		at: new Date().toISOString(),
		...(reason ? { reason: reason.slice(0, maxReasonLength) } : {}),
	};
	return withCertsLock(opened, async (dir) => {
		const key = target.fingerprint === undefined ? undefined : await keyOf(dir, checkedTarget(target));
		const revocation: Revocation = { ...entry, ...(key === undefined ? {} : { key }) };
		const entries = await otherEntries(dir, revocation);
		if (entries.length >= maxRevocations) {
			throw new OrchestraError('usage', `${maxRevocations} certificates are revoked in ${dir} already`, {
				hint: 'Rotate the authority instead: that ends every certificate that it issued.',
			});
		}
		await write(dir, [...entries, revocation]);
		return revocation;
	});
}

/** Result of {@link undoRevocation}. */
export interface UndoReport {
	/** Revocation that stays; undefined for none. */
	readonly remaining: Revocation | undefined;
	/** The certificates of the directory that were issued anew, with new keys. */
	readonly renewed: readonly RenewalReport[];
}

/**
 * Takes a revocation back. A name may have certificates again, but those from before stay revoked, since somebody may have them:
 * where they lie in this directory they are issued anew, with new keys. One certificate is trusted again as it is.
 *
 * @throws OrchestraError `usage` where it is not revoked
 */
export async function undoRevocation(certsDir: string, target: RevocationTarget): Promise<UndoReport> {
	const opened = await openCertsDir(certsDir, false);
	const { name, fingerprint } = checkedTarget(target);
	return withCertsLock(opened, async (dir) => {
		const revocations = await readRevocations(dir);
		const found = revocations?.entries.find((entry) =>
			name === undefined ? entry.fingerprint === fingerprint : entry.name === name && !entry.issuedBefore,
		);
		if (found === undefined) {
			throw new OrchestraError('usage', `${name ?? fingerprint} is not revoked in ${dir}`, {
				hint: 'What is revoked, orchestra certs status shows.',
			});
		}
		const others = await otherEntries(dir, found);
		if (name === undefined) {
			await write(dir, others);
			return { remaining: undefined, renewed: [] };
		}
		// Whole seconds, as certificates count.
		const moment = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
		const remaining: Revocation = { ...found, issuedBefore: moment };
		await write(dir, [...others, remaining]);
		const names: string[] = [];
		for (const candidate of [name, `${name}-client`]) {
			if ((await readLeaf(dir, candidate).catch(() => undefined)) !== undefined) names.push(candidate);
		}
		if (names.length === 0) return { remaining, renewed: [] };
		const authority = await loadSettledAuthority(dir);
		return { remaining, renewed: await renewEach(dir, names, authority, { newKey: true }) };
	});
}

/** The key of a certificate that lies in the directory; undefined where it does not. */
async function keyOf(
	dir: CertsDirectory,
	{ fingerprint }: { fingerprint?: string },
): Promise<string | undefined> {
	for (const name of await leafNames(dir)) {
		const { crt } = leafPaths(dir, name);
		try {
			const pem = await readPemFile(crt, false);
			const [certificate] = pem === undefined ? [] : parseCertificates(pem, crt);
			if (certificate && fingerprintOf(certificate) === fingerprint) return keyFingerprintOf(certificate);
		} catch {
			// A certificate that cannot be read is not the one that was named.
		}
	}
	return undefined;
}

function checkedTarget(target: RevocationTarget): { name?: string; fingerprint?: string } {
	if (target.name !== undefined) {
		assertCertificateName(target.name);
		return { name: target.name };
	}
	const fingerprint = target.fingerprint.replaceAll(':', '').toLowerCase();
	if (/^[0-9a-f]{64}$/.test(fingerprint)) return { fingerprint };
	throw new OrchestraError('usage', `${JSON.stringify(target.fingerprint.slice(0, 100))} is no fingerprint`, {
		hint: 'It is the SHA-256 of the certificate, 64 hexadecimal digits: orchestra certs show NAME.',
	});
}

async function otherEntries(dir: CertsDirectory, revocation: Revocation): Promise<Revocation[]> {
	const entries = (await readRevocations(dir))?.entries ?? [];
	return entries.filter(
		(entry) => entry.name !== revocation.name || entry.fingerprint !== revocation.fingerprint,
	);
}

async function write(dir: LockedCertsDirectory, entries: readonly Revocation[]): Promise<void> {
	try {
		await writeRevocations(dir, entries);
	} catch (error) {
		throw certsDirError(dir, error);
	}
}
