import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientName } from '../workload.mjs';

/**
 * The client's certificate, its key, and the CA that the server is checked against.
 *
 * @param {string} directory
 */
export function clientTls(directory) {
	return {
		ca: readFileSync(join(directory, 'ca.crt')),
		cert: readFileSync(join(directory, `${clientName}.crt`)),
		key: readFileSync(join(directory, `${clientName}.key`)),
	};
}
