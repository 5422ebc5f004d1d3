import { OrchestraError } from '../../wire/orchestra-error.ts';
import { shellWord } from '../directory/shell-word.ts';
import { type Revocations, revokedWhen } from './revocations.ts';

/**
 * Checks that a name may get a certificate.
 *
 * @returns the moment before which its certificate may not begin, if there is one
 * @throws OrchestraError `certificate_revoked`
 */
export function assertNotRevoked(
	dir: string,
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
