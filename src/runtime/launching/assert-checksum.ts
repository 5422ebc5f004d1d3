import { createHash, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { OrchestraError } from '../wire/orchestra-error.ts';

/**
 * Checks an executable before it is started. Whoever may replace the file between this and the start can still run another: keep it
 * where only its owner writes.
 *
 * @param expected SHA-256, hexadecimal
 * @throws OrchestraError `integrity_failed`, `target_not_found`
 */
export async function assertChecksum(file: string, expected: string): Promise<void> {
	const hash = createHash('sha256');
	await pipeline(createReadStream(file), hash).catch((error: unknown) => {
		throw new OrchestraError('target_not_found', `${file} cannot be read: ${(error as Error).message}`, {
			cause: error,
		});
	});
	const actual = hash.digest();
	const wanted = Buffer.from(expected, 'hex');
	if (wanted.length === actual.length && timingSafeEqual(wanted, actual)) return;
	throw new OrchestraError(
		'integrity_failed',
		`${file} is not the file that was expected: another checksum`,
		{
			hint: 'Where the change is meant, configure the new checksum; it was not started.',
			details: { file, expected, actual: actual.toString('hex') },
		},
	);
}
