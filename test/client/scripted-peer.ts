import type { IncomingExchange } from '../../src/runtime/carrier/incoming-exchange.ts';
import { connectInProcess } from '../../src/runtime/carrier/memory/memory-connection.ts';
import type { ClientOptions } from '../../src/runtime/client/call-options.ts';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import type { PluginResponse } from '../../src/runtime/wire/generated/messages.ts';

/** A client of a peer named `weather` that answers every request as the test says. */
export function clientOf(
	handler: (exchange: IncomingExchange) => PluginResponse | undefined,
	options?: ClientOptions,
): PluginClient {
	const connection = connectInProcess(
		(exchange) => {
			const response = handler(exchange);
			if (response) exchange.finish(response);
		},
		{ callerName: 'test', plugin: 'weather' },
	);
	return createClient(connection, options);
}

/** What a promise rejects with; fails where it does not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
	try {
		await promise;
	} catch (error) {
		return error;
	}
	throw new Error('it did not reject');
}
