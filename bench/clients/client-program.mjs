import { createInterface } from 'node:readline';
import { operations } from './operations.mjs';

/**
 * @typedef {object} Target what the harness tells a client
 * @property {string=} address `host:port` of the server of this run
 * @property {string} certsDir
 * @property {'fd' | 'tcp' | 'quic'=} carrier
 * @property {string[]=} serverCommand how another server is started
 */

/** @returns {Target} */
export function target() {
	return JSON.parse(process.argv[2] ?? '{}');
}

/**
 * Runs a client: a JSON line on stdin asks for an operation, a JSON line on stdout answers, one after the other. The end of
 * stdin ends the process.
 *
 * @param {import('./operations.mjs').PeerClient} peer
 */
export async function runClient(peer) {
	const known = operations(peer);
	for await (const line of createInterface({ input: process.stdin })) {
		const { op, params } = JSON.parse(line);
		let answer;
		try {
			const operation = known[op];
			if (!operation) throw new Error(`there is no operation ${op}`);
			answer = { result: await operation(params) };
		} catch (error) {
			answer = { error: error instanceof Error ? error.message : String(error) };
		}
		process.stdout.write(`${JSON.stringify(answer)}\n`);
	}
	await known.close?.({});
	// Whatever the peer's library still keeps open.
	process.exit(0);
}
