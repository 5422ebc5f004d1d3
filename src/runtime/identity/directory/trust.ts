import type { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { shellWord } from '../../platform/shell-word.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { type Revocation, Revocations, revokedWhen } from '../revocations.ts';
import { fingerprintOf, parseCertificates } from '../x509/read-certificate.ts';
import { phaseError, validityOf } from '../x509/validity.ts';
import type { CertsDirectory, LockedCertsDirectory } from './certs-directory.ts';
import { readPemFile, replacePemFile, unlinkIfThere } from './pem-file.ts';

/** The name of the file, in the certificates directory. It holds no secret. */
export const rotationFileName = 'rotation.json';

/** A rotation of the authority that is under way. */
export interface Rotation {
	/** ISO 8601, UTC, as is {@link endsAt}. */
	readonly startedAt: string;
	/** Time from which the former authority is no longer trusted. */
	readonly endsAt: string;
	/** SHA-256 of the former authority's certificate, lower-case hexadecimal. */
	readonly previous: string;
	/** The new authority as the former one certifies it, PEM. */
	readonly crossCertificatePem: string;
}

/**
 * Reads the rotation that is under way in a directory, or has ended and was not tidied up.
 *
 * @throws OrchestraError `certificate_invalid`
 */
export async function readRotation(dir: CertsDirectory): Promise<Rotation | undefined> {
	const path = join(dir, rotationFileName);
	const text = await readPemFile(path, false);
	if (text === undefined) return undefined;
	try {
		const { startedAt, endsAt, previous, crossCertificatePem } = JSON.parse(text) as Partial<Rotation>;
		const whole =
			typeof startedAt === 'string' &&
			typeof endsAt === 'string' &&
			!Number.isNaN(Date.parse(endsAt)) &&
			typeof previous === 'string' &&
			typeof crossCertificatePem === 'string';
		if (!whole) throw new Error('a field is missing');
		return { startedAt, endsAt, previous, crossCertificatePem };
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new OrchestraError('certificate_invalid', `${path} cannot be used: ${reason}`, {
			hint: `Restore it, or remove it: rm ${shellWord(path)}. All authorities in ca.crt are trusted then.`,
			details: { path },
			cause: error,
		});
	}
}

/** Whether both authorities are trusted. */
export function overlaps(rotation: Rotation, now: number = Date.now()): boolean {
	return now < Date.parse(rotation.endsAt);
}

/** Writes the rotation that is under way; undefined ends it. */
export async function writeRotation(
	dir: LockedCertsDirectory,
	rotation: Rotation | undefined,
): Promise<void> {
	const path = join(dir, rotationFileName);
	if (rotation === undefined) await unlinkIfThere(path);
	else await replacePemFile(path, `${JSON.stringify({ version: 1, ...rotation }, null, '\t')}\n`);
}

/** The name of the file, in the certificates directory. */
export const revocationFileName = 'revoked.json';

/** Revocations that one file may hold: what it costs to read them is paid with each identity. */
export const maxRevocations = 1000;

/** Bytes of a list of {@link maxRevocations} whose reasons are as long as they may be, each character escaped. */
const maxListBytes = 2 * 1024 * 1024;

/** Characters of a reason. */
export const maxReasonLength = 200;

/**
 * Reads the revocations of a directory.
 *
 * @returns undefined where there are none
 * @throws OrchestraError `certificate_invalid`: a list that cannot be read does not mean that nobody is on it
 */
export async function readRevocations(dir: CertsDirectory): Promise<Revocations | undefined> {
	const path = join(dir, revocationFileName);
	const text = await readPemFile(path, false, maxListBytes);
	if (text === undefined) return undefined;
	try {
		const parsed: unknown = JSON.parse(text);
		const entries = parseRevocations((parsed as { revoked?: unknown } | null)?.revoked);
		return entries.length === 0 ? undefined : new Revocations(entries);
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new OrchestraError('certificate_invalid', `${path} is no list of revocations: ${reason}`, {
			hint: `Restore it from a backup. Without it all who are on it are trusted again: rm ${shellWord(path)}.`,
			details: { path },
			cause: error,
		});
	}
}

/** Reads revocations from parsed JSON. @throws Error that says what is wrong */
export function parseRevocations(value: unknown): Revocation[] {
	if (!Array.isArray(value)) throw new Error('it has no list "revoked"');
	if (value.length > maxRevocations) throw new Error(`it has more than ${maxRevocations} entries`);
	return value.map((entry: unknown, index) => {
		const fields = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
		const text = (key: string): string | undefined => {
			const found = fields[key];
			if (found === undefined || typeof found === 'string') return found;
			throw new Error(`"${key}" of entry ${index} is no text`);
		};
		const revocation = {
			name: text('name'),
			fingerprint: text('fingerprint')?.toLowerCase(),
			key: text('key')?.toLowerCase(),
			at: text('at') ?? '',
			reason: text('reason')?.slice(0, maxReasonLength),
			issuedBefore: text('issuedBefore'),
		};
		if (revocation.name === undefined && revocation.fingerprint === undefined) {
			throw new Error(`entry ${index} names neither a name nor a fingerprint`);
		}
		if (revocation.issuedBefore !== undefined && Number.isNaN(Date.parse(revocation.issuedBefore))) {
			throw new Error(`"issuedBefore" of entry ${index} is no date`);
		}
		return revocation;
	});
}

/**
 * Replaces the revocations of a directory.
 *
 * @throws OrchestraError `usage` for a list that its reader would not take
 */
export async function writeRevocations(
	dir: LockedCertsDirectory,
	entries: readonly Revocation[],
): Promise<void> {
	const text = JSON.stringify({ version: 1, revoked: entries }, null, '\t');
	if (Buffer.byteLength(text) >= maxListBytes) {
		throw new OrchestraError(
			'usage',
			`the list of revocations in ${dir} would be longer than ${maxListBytes} bytes`,
			{
				hint: 'Shorten the reasons in it, or rotate the authority: that ends every certificate that it issued.',
			},
		);
	}
	await replacePemFile(join(dir, revocationFileName), `${text}\n`);
}

/**
 * Checks that a name may get a certificate.
 *
 * @returns the moment before which its certificate may not begin, if there is one
 * @throws OrchestraError `certificate_revoked`
 */
export function assertNotRevoked(
	dir: CertsDirectory,
	revocations: Revocations | undefined,
	name: string,
): Date | undefined {
	const blocked = revocations?.blocked(name);
	if (blocked === undefined) return revocations?.notBefore(name);
	throw new OrchestraError(
		'certificate_revoked',
		`"${name}" gets no certificate: it was revoked ${revokedWhen(blocked)}`,
		{
			hint: `To allow it again, run: orchestra certs revoke ${blocked.name ?? name} --undo --certs-dir ${shellWord(dir)}.`,
			details: { name, at: blocked.at, reason: blocked.reason },
		},
	);
}

/** Authorities that a directory trusts: the CA certificates in `ca.crt`, but for those that a rotation has ended, and the revocations. */
export interface TrustedAuthorities {
	/** The certificates as PEM: the text of the file, where all of it is trusted. */
	readonly caPem: string;
	/** The first one is the one that issues; the others, if any, are only trusted. */
	readonly certificates: readonly [X509Certificate, ...X509Certificate[]];
	/** Undefined where there are none. */
	readonly revocations: Revocations | undefined;
	/** The rotation that is under way, as long as both authorities are trusted. */
	readonly rotation: Rotation | undefined;
}

/**
 * Loads whom a directory trusts, whatever the dates of the certificates.
 *
 * @throws OrchestraError `certificate_missing`, `certificate_invalid`
 */
export async function loadTrustedAuthorities(dir: CertsDirectory): Promise<TrustedAuthorities> {
	const path = join(dir, 'ca.crt');
	const caPem = await readPemFile(path, false);
	if (caPem === undefined) {
		throw new OrchestraError('certificate_missing', `there is no certificate authority: ${path} is missing`, {
			hint: `Restore it, or run: orchestra certs init --certs-dir ${shellWord(dir)}.`,
			details: { path },
		});
	}
	const certificates = parseCertificates(caPem, path);
	if (!certificates.every((certificate) => certificate.ca)) {
		throw new OrchestraError(
			'certificate_invalid',
			`${path} holds a certificate that is not an authority's`,
			{
				hint: 'Restore the certificate of the authority.',
				details: { path },
			},
		);
	}
	const revocations = await readRevocations(dir);
	const rotation = await rotationOf(dir, certificates[0]);
	if (rotation === undefined || overlaps(rotation)) return { caPem, certificates, revocations, rotation };
	// Whoever started it may never have come back to end it.
	const [first, ...others] = certificates;
	const left = others.filter((certificate) => fingerprintOf(certificate) !== rotation.previous);
	const trusted: TrustedAuthorities['certificates'] = [first, ...left];
	return { caPem: trusted.map(String).join(''), certificates: trusted, revocations, rotation: undefined };
}

/**
 * The rotation in a directory, also where its overlap has ended.
 *
 * @param authority the one that issues. A rotation away from it was interrupted before it had begun, and does not count
 */
export async function rotationOf(
	dir: CertsDirectory,
	authority: X509Certificate,
): Promise<Rotation | undefined> {
	const rotation = await readRotation(dir);
	return rotation?.previous === fingerprintOf(authority) ? undefined : rotation;
}

/** Reason why an authority's certificate is not valid now; undefined where it is. */
export function authorityPhaseError(
	dir: CertsDirectory,
	certificate: X509Certificate,
): OrchestraError | undefined {
	const renew = `Run: orchestra certs init --renew --certs-dir ${shellWord(dir)}. It keeps the key, so what was issued stays good.`;
	return phaseError(join(dir, 'ca.crt'), validityOf(certificate), renew);
}
