import { administrationService } from '../runtime/orchestrator/administration/administration-service.ts';
import { type ServiceClient, serviceClient } from '../runtime/services/service-client.ts';
import { parseDuration, timeoutFlag } from './duration.ts';
import { serverFlags, withRunningServer } from './running-server.ts';

/** The flags of every command that administers a running server. */
export const administrationFlags = { ...serverFlags, timeout: timeoutFlag };

/** What a command that administers works with. */
export interface Administration {
	readonly client: ServiceClient<typeof administrationService.methods>;
	/** Aborts on Ctrl-C. */
	readonly signal: AbortSignal;
	readonly timeoutMs: number | undefined;
}

/**
 * Connects to a running server, works with its administration and closes the connection.
 *
 * @throws OrchestraError as {@link withRunningServer}; `permission_denied`
 */
export async function withAdministration<T>(
	flags: { address?: string | undefined; 'certs-dir'?: string | undefined; timeout?: string | undefined },
	work: (administration: Administration) => Promise<T>,
): Promise<T> {
	const timeoutMs = flags.timeout === undefined ? undefined : parseDuration(flags.timeout);
	return withRunningServer(flags, timeoutMs, ({ client: { connection }, signal }) =>
		work({ client: serviceClient(administrationService, connection), signal, timeoutMs }),
	);
}
