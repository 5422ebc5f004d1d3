import type { IdentitySource } from '../../runtime/identity/sources/identity-source.ts';
import { openDirectoryIdentity } from '../../runtime/identity/sources/open-identity.ts';
import type { LogEntry } from '../../runtime/plugin/definition/log.ts';

/** The name on the certificate of a host. */
const hostName = 'orchestrator';

/**
 * Our identity towards plugins and callers, for as long as we run. Whoever gets it closes it.
 *
 * @param name on the certificate. Default: `orchestrator`
 */
export function hostIdentity(
	certsDir: string,
	onLog: (entry: LogEntry) => void,
	name: string = hostName,
): Promise<IdentitySource> {
	return openDirectoryIdentity(certsDir, name, {
		onProblem: ({ message, hint }) =>
			onLog({
				level: 'warn',
				plugin: hostName,
				message: `the certificate stays as it is: ${message}${hint ? `. ${hint}` : ''}`,
			}),
	});
}
