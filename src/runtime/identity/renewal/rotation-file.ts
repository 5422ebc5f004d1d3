import { join } from 'node:path';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { readPemFile } from '../directory/read-pem-file.ts';
import { shellWord } from '../directory/shell-word.ts';
import { replacePemFile, unlinkIfThere } from '../directory/write-pem-file.ts';

/** The name of the file, in the certificates directory. It holds no secret. */
export const rotationFileName = 'rotation.json';

/** A rotation of the authority that is under way. */
export interface Rotation {
	/** ISO 8601, UTC, as is {@link endsAt}. */
	readonly startedAt: string;
	/** When the former authority is no longer trusted. */
	readonly endsAt: string;
	/** SHA-256 of the former authority's certificate, lower-case hexadecimal. */
	readonly previous: string;
	/** The new authority as the former one certifies it, PEM. */
	readonly crossCertificatePem: string;
}

/**
 * Reads the rotation that is under way in an opened directory, or has ended and was not tidied up.
 *
 * @throws OrchestraError `certificate_invalid`
 */
export async function readRotation(dir: string): Promise<Rotation | undefined> {
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

/** The caller holds the lock; undefined ends the rotation. */
export async function writeRotation(dir: string, rotation: Rotation | undefined): Promise<void> {
	const path = join(dir, rotationFileName);
	if (rotation === undefined) await unlinkIfThere(path);
	else await replacePemFile(path, `${JSON.stringify({ version: 1, ...rotation }, null, '\t')}\n`);
}
