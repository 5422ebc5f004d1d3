import type { Connection } from '../runtime/carrier/carrier.ts';
import { administrationService } from '../runtime/orchestrator/administration/administration-service.ts';
import { type ServiceClient, serviceClient } from '../runtime/services/service-client.ts';
import { parseDuration, timeoutFlag } from './duration.ts';
import { serverFlags, withRunningServer } from './running-server.ts';

/** The flags of every command that asks a running server for something. */
export const administrationFlags = { ...serverFlags, timeout: timeoutFlag };

/** What a command works with that speaks to a running server. */
export interface RunningServer {
	readonly connection: Connection;
	/** Aborts on Ctrl-C. */
	readonly signal: AbortSignal;
	/** Milliseconds that one request may take. */
	readonly timeoutMs: number | undefined;
}

/** The values of {@link administrationFlags}. */
interface ServerFlags {
	address?: string | undefined;
	'certs-dir'?: string | undefined;
	timeout?: string | undefined;
}

/**
 * Connects to a running server, works with its administration and closes the connection.
 *
 * @throws OrchestraError as {@link withServer}; `permission_denied`
 */
export function withAdministration<T>(
	flags: ServerFlags,
	work: (
		administration: Omit<RunningServer, 'connection'> & {
			readonly client: ServiceClient<typeof administrationService.methods>;
		},
	) => Promise<T>,
): Promise<T> {
	return withServer(flags, ({ connection, ...rest }) =>
		work({ client: serviceClient(administrationService, connection), ...rest }),
	);
}

/**
 * Connects to a running server, works with it and closes the connection.
 *
 * @throws OrchestraError as {@link withRunningServer}
 */
export function withServer<T>(flags: ServerFlags, work: (server: RunningServer) => Promise<T>): Promise<T> {
	const timeoutMs = flags.timeout === undefined ? undefined : parseDuration(flags.timeout);
	return withRunningServer(flags, timeoutMs, ({ client: { connection }, signal }) =>
		work({ connection, signal, timeoutMs }),
	);
}
