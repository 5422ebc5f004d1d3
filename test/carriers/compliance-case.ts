import type { ExchangeHandler } from '../../src/runtime/carrier/carrier.ts';
import type { Harness, Network, Pair } from './harness.ts';

/** One requirement of the carrier contract, as a test that needs no framework. */
export interface ComplianceCase {
	readonly name: string;
	/** Why the case makes no sense on this carrier; undefined where it does. */
	skip?(harness: Harness): string | undefined;
	run(harness: Harness): Promise<void>;
}

/** A case about one connection, on any carrier. */
export function onConnection(
	name: string,
	run: (connect: (handler: ExchangeHandler) => Promise<Pair>, harness: Harness) => Promise<void>,
): ComplianceCase {
	return {
		name,
		run: async (harness) => {
			const pairs: Pair[] = [];
			try {
				await run(async (handler) => {
					const pair = await harness.connect(handler);
					pairs.push(pair);
					return pair;
				}, harness);
			} finally {
				for (const pair of pairs) await pair.close();
			}
		},
	};
}

/** A case about addresses, certificates or listeners: there are none in process. */
export function onNetwork(
	name: string,
	run: (network: Network, harness: Harness, defer: (close: () => Promise<void>) => void) => Promise<void>,
	skip?: (harness: Harness) => string | undefined,
): ComplianceCase {
	return {
		name,
		skip: (harness) => (harness.network ? skip?.(harness) : 'in process there is no network'),
		run: async (harness) => {
			const { network } = harness;
			if (!network) throw new Error('this case needs a network');
			const closers: (() => Promise<void>)[] = [];
			try {
				await run(network, harness, (close) => closers.push(close));
			} finally {
				for (const close of closers.reverse()) await close();
			}
		},
	};
}

/** For cases about certificates: on a line there are none, and who is there is who was started. */
export function withoutCertificates({ network }: Harness): string | undefined {
	return network?.lines ? 'who is on a line is known by its launch: there are no certificates' : undefined;
}

/** For cases about addresses and dials: a line is there from the start. */
export function withoutAddresses({ network }: Harness): string | undefined {
	return network?.lines ? 'nobody listens, and nobody dials a line' : undefined;
}

/** For a client that stands still: whoever serves a line waits for it, since its end would show. */
export function withoutSilence({ network }: Harness): string | undefined {
	return network?.lines ? 'a host that stands still is waited for' : undefined;
}
