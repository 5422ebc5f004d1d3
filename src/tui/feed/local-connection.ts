import type { Connection } from '../../runtime/carrier/carrier.ts';
import { connectInProcess } from '../../runtime/carrier/memory/memory-connection.ts';
import { ownErrorResponse } from '../../runtime/hosting/own-error-response.ts';
import {
	type AdministrationOptions,
	serveAdministration,
} from '../../runtime/orchestrator/administration/administration.ts';
import { administrationService } from '../../runtime/orchestrator/administration/administration-service.ts';
import type { Orchestrator } from '../../runtime/orchestrator/orchestrator.ts';

/** The name under which the person at the terminal calls. */
const callerName = 'cli';

/**
 * A connection to an orchestrator of this process for the person at its terminal. Whoever can type there can end the process: so it
 * may administer it, whoever the operators are. Everything else is as for any caller of that name.
 */
export function connectLocally(
	orchestrator: Orchestrator,
	{ reload }: Pick<AdministrationOptions, 'reload'> = {},
): Connection {
	const administration = serveAdministration(orchestrator, { operators: [callerName], reload });
	return connectInProcess(
		(exchange) => {
			const call = exchange.request.serviceCall;
			if (call?.service !== administrationService.name) orchestrator.handle(exchange);
			else administration.handle(exchange, { ...call, caller: callerName }, ownErrorResponse);
		},
		{ callerName, plugin: 'orchestrator' },
	);
}
