import { Flags } from '@oclif/core';
import { parseAddress } from '../runtime/carrier/address.ts';
import type { PluginClient } from '../runtime/client/plugin-client.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { certsDirFlag } from './base-command.ts';

/** Where a server is looked for if nothing is said. */
const defaultServer = 'quic://127.0.0.1:50100';

/** The flags of every command that speaks to a running server. */
export const serverFlags = {
	address: Flags.string({
		char: 'a',
		description: `Address of the server. [default: ${defaultServer}]`,
		helpValue: 'ADDRESS',
	}),
	'certs-dir': certsDirFlag,
};

/** What a command that speaks to a running server works with. */
export interface RunningServer {
	readonly client: PluginClient;
	/** Aborts on Ctrl-C. */
	readonly signal: AbortSignal;
}

/**
 * Connects to a running server, works with it and closes the connection.
 *
 * @param timeoutMs milliseconds for the connect
 * @throws OrchestraError what a dial throws; `service_not_found` for what is no server
 */
export async function withRunningServer<T>(
	flags: { address?: string | undefined; 'certs-dir'?: string | undefined },
	timeoutMs: number | undefined,
	work: (server: RunningServer) => Promise<T>,
): Promise<T> {
	const address = flags.address ?? defaultServer;
	const interrupt = new AbortController();
	const onSignal = () => {
		if (interrupt.signal.aborted) process.exit(130);
		interrupt.abort();
	};
	process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
	const { openTarget } = await import('../toolchain/targets/open-target.ts');
	try {
		await using target = await openTarget(
			{ kind: 'address', address: parseAddress(address) },
			{
				certsDir: flags['certs-dir'],
				timeoutMs,
				signal: interrupt.signal,
				onLog: () => {},
				onOutput: () => {},
			},
		);
		const { client } = target;
		if (!target.orchestrator) {
			throw new OrchestraError(
				'service_not_found',
				`${client.connection.peer.address} is no orchestra server`,
				{ hint: 'Name the address that `orchestra serve` prints.' },
			);
		}
		return await work({ client, signal: interrupt.signal });
	} finally {
		process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
	}
}
