import { join } from 'node:path';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { readPemFile } from '../directory/read-pem-file.ts';
import { shellWord } from '../directory/shell-word.ts';
import { replacePemFile } from '../directory/write-pem-file.ts';
import { type Revocation, Revocations } from './revocations.ts';

/** The name of the file, in the certificates directory. */
export const revocationFileName = 'revoked.json';

/** Revocations that one file may hold: what it costs to read them is paid with each identity. */
export const maxRevocations = 1000;

/** Bytes of a list of {@link maxRevocations} whose reasons are as long as they may be, each character escaped. */
const maxListBytes = 2 * 1024 * 1024;

/** Characters of a reason. */
export const maxReasonLength = 200;

/**
 * Reads the revocations of an opened directory.
 *
 * @returns undefined where there are none
 * @throws OrchestraError `certificate_invalid`: a list that cannot be read does not mean that nobody is on it
 */
export async function readRevocations(dir: string): Promise<Revocations | undefined> {
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
 * Replaces the revocations of an opened directory. The caller holds the lock.
 *
 * @throws OrchestraError `usage` for a list that its reader would not take
 */
export async function writeRevocations(dir: string, entries: readonly Revocation[]): Promise<void> {
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
