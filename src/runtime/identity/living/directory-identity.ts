import { OrchestraError } from '../../wire/orchestra-error.ts';
import { type EnsureIdentityOptions, ensureIdentity, refreshIdentity } from '../directory/ensure-identity.ts';
import { trustOf } from '../directory/leaf.ts';
import { loadIdentity } from '../directory/load-identity.ts';
import { openCertsDir } from '../directory/open-certs-dir.ts';
import { loadTrustedAuthorities } from '../directory/trusted-authorities.ts';
import type { IdentitySource } from './identity-source.ts';
import { RenewingIdentity, type RenewingOptions } from './renewing-identity.ts';

/** What a new certificate mends. */
const mendableCodes = new Set<string>([
	'certificate_expired',
	'certificate_not_yet_valid',
	'certificate_untrusted',
]);

/**
 * The identity of a name in a certificates directory, for as long as a process lives: made where it is absent, renewed in time, and
 * replaced by what another process renews, rotates or revokes there. A certificate of another program is used, not renewed.
 *
 * @throws OrchestraError what {@link ensureIdentity} throws; later problems go to `onProblem`
 */
export async function openDirectoryIdentity(
	certsDir: string,
	name: string,
	options: RenewingOptions & EnsureIdentityOptions = {},
): Promise<IdentitySource> {
	const { days } = options;
	const first = await ensureIdentity(certsDir, name, { days });
	const dir = await openCertsDir(certsDir, false);
	return new RenewingIdentity(
		first,
		{
			dir,
			files: [`${name}.crt`, `${name}.key`],
			async refresh(_current, due, mayIssue) {
				if (due) return refreshIdentity(dir, name, { days });
				try {
					return await loadIdentity(dir, name);
				} catch (error) {
					const mendable = error instanceof OrchestraError && mendableCodes.has(error.code);
					if (!mendable || !mayIssue) throw error;
					return refreshIdentity(dir, name, { days });
				}
			},
			trust: async () => trustOf(await loadTrustedAuthorities(dir)),
		},
		options,
	);
}
