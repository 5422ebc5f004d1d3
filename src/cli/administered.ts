import { Flags } from '@oclif/core';
import { parseAddress } from '../runtime/carrier/address.ts';
import type { Connection } from '../runtime/carrier/carrier.ts';
import { administrationService } from '../runtime/orchestrator/administration/administration-service.ts';
import { type ServiceClient, serviceClient } from '../runtime/services/service-client.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { certsDirFlag } from './base-command.ts';
import { timeoutFlag } from './duration-flag.ts';
import { interruptible } from './interruptible.ts';
import { parseDuration } from './parse-duration.ts';

/** Address at which a server is looked for if nothing is said. */
const defaultServer = 'quic://127.0.0.1:50100';

/** The flags of every command that administers a running server. */
export const administrationFlags = {
	address: Flags.string({
		char: 'a',
		description: `Address of the server. [default: ${defaultServer}]`,
		helpValue: 'ADDRESS',
	}),
	'certs-dir': certsDirFlag,
	timeout: timeoutFlag,
};

/** A running server, and how a command speaks to it. */
export interface RunningServer {
	readonly connection: Connection;
	/** Connects to the same server once more. */
	readonly reconnect: (signal: AbortSignal) => Promise<Connection>;
	/** Aborts on Ctrl-C. */
	readonly signal: AbortSignal;
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
		administration: Pick<RunningServer, 'signal' | 'timeoutMs'> & {
			readonly client: ServiceClient<typeof administrationService.methods>;
		},
	) => Promise<T>,
): Promise<T> {
	return withServer(flags, ({ connection, ...rest }) =>
		work({ client: serviceClient(administrationService, connection), ...rest }),
	);
}

/** Opens the connection; where no server runs, the hint is to run one rather than to look at the peer. */
async function reach<T>(open: () => Promise<T>): Promise<T> {
	try {
		return await open();
	} catch (error) {
		if (!(error instanceof OrchestraError) || error.code !== 'unreachable') throw error;
		throw new OrchestraError('unreachable', error.message, {
			hint: 'orchestra serve starts a server; --address names one that listens elsewhere.',
			details: error.details,
			cause: error,
		});
	}
}

/**
 * Connects to a running server, works with it and closes the connection.
 *
 * @throws OrchestraError what a dial throws; `service_not_found` for what is no server
 */
export async function withServer<T>(
	flags: ServerFlags,
	work: (server: RunningServer) => Promise<T>,
): Promise<T> {
	const address = flags.address ?? defaultServer;
	const timeoutMs = flags.timeout === undefined ? undefined : parseDuration(flags.timeout);
	const { openTarget } = await import('../toolchain/targets/open-target.ts');
	return interruptible(async (signal) => {
		const open = (until: AbortSignal) =>
			openTarget(
				{ kind: 'address', address: parseAddress(address) },
				{
					certsDir: flags['certs-dir'],
					timeoutMs,
					signal: until,
					onLog: () => {},
					onOutput: () => {},
				},
			);
		await using target = await reach(() => open(signal));
		const { connection } = target.client;
		const reconnect = async (until: AbortSignal) => (await open(until)).client.connection;
		if (!target.orchestrator) {
			throw new OrchestraError('service_not_found', `${connection.peer.address} is no orchestra server`, {
				hint: 'Name the address that `orchestra serve` prints.',
			});
		}
		return await work({ connection, reconnect, signal, timeoutMs });
	});
}
