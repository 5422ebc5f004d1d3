import type { Connection } from '../carrier/carrier.ts';
import { seamListService } from '../services/seam-list-service.ts';
import type { SeamTransport } from '../services/seam-transport.ts';
import { serviceClient } from '../services/service-client.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';

/** Codes of peers that serve no seams, or know no services at all. */
const servesNone = new Set<string>(['service_not_found', 'unknown_request']);

/** The way to the seams of a plugin at the other end of a connection. */
export function connectionTransport(connection: Connection, label: string): SeamTransport {
	return {
		peer: label,
		bind: (definition) => serviceClient(definition, connection),
		async offered(options) {
			try {
				return (await serviceClient(seamListService, connection).list({}, options)).seams;
			} catch (error) {
				if (error instanceof OrchestraError && servesNone.has(error.code)) return [];
				throw error;
			}
		},
	};
}
