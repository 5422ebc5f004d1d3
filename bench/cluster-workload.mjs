// What the programs of the cluster's rows share.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The nodes, by the names of their certificates: the one that calls and publishes, the one that answers and hears. */
export const nodes = /** @type {const} */ ({ caller: 'bench-alpha', echo: 'bench-beta' });

/** The stream of the events that plain NATS keeps. */
export const eventStream = 'bench_events';

/** Topics of the events that a cluster keeps. */
export const eventTopic = 'bench.kept';

/** What an event has besides its number. */
export const eventText = 'x'.repeat(64);

/** Events that have been published and not yet taken, at most. */
export const eventsInFlight = 64;

/**
 * @param {string} certsDir
 * @param {string} name of a certificate
 */
export function natsTls(certsDir, name) {
	const file = (/** @type {string} */ end) => readFileSync(join(certsDir, end), 'utf8');
	return { ca: file('ca.crt'), cert: file(`${name}.crt`), key: file(`${name}.key`) };
}

/**
 * Publishes so many, with a bounded number of them in flight.
 *
 * @param {number} count
 * @param {(n: number) => PromiseLike<unknown>} publish
 */
export async function publishAll(count, publish) {
	let next = 0;
	const lane = async () => {
		while (next < count) await publish(next++);
	};
	await Promise.all(Array.from({ length: eventsInFlight }, lane));
}
