// How the servers of the peers start and end: as plugins do.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pluginId } from '../workload.mjs';

/** The server's certificate, its key, and the CA that clients are checked against. */
export function serverTls() {
	const [directory] = process.argv.slice(2);
	if (!directory) throw new Error('the directory with the certificates is missing');
	return {
		ca: readFileSync(join(directory, 'ca.crt')),
		cert: readFileSync(join(directory, `${pluginId}.crt`)),
		key: readFileSync(join(directory, `${pluginId}.key`)),
	};
}

/**
 * Says where the server listens, and ends the process with its stdin: with whoever started it.
 *
 * @param {number} port
 */
export function ready(port) {
	process.stdin.on('end', () => process.exit(0)).resume();
	process.stderr.write(`READY 127.0.0.1:${port}\n`);
}
