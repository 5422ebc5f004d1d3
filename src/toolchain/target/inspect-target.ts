import type { CallOptions } from '../../runtime/client/call-options.ts';
import type { Health, ListedPrompt, ListedTool } from '../../runtime/client/listings.ts';
import type { PluginManifest } from '../../runtime/wire/generated/messages.ts';
import type { OpenedTarget } from './open-target.ts';

/** Round trips that the latency is measured with. */
const latencySamples = 9;

/** What `orchestra inspect` shows; its JSON form is documented in docs/cli.md. */
export interface Inspection {
	readonly how: OpenedTarget['how'];
	readonly plugins: PluginManifest[];
	readonly tools: ListedTool[];
	readonly prompts: ListedPrompt[];
	/** Storage types that are provided. */
	readonly storage: string[];
	readonly health: Health;
	readonly connection: {
		readonly carrier: string;
		readonly address: string;
		/** The name on the peer's certificate; in process, the plugin's. */
		readonly peer: string;
		/** SHA-256 of the peer's certificate. */
		readonly fingerprint?: string;
		readonly validTo?: string;
		/** Whether the peer understands the extensions of the protocol, or the core only. */
		readonly protocol: 'core' | 'extended';
		readonly software: string;
		/** Milliseconds of a round trip: the fastest and the median of a few. */
		readonly latencyMs: { readonly min: number; readonly median: number };
	};
}

/** Asks a target everything that it tells. */
export async function inspectTarget(target: OpenedTarget, options: CallOptions): Promise<Inspection> {
	const { client } = target;
	const { peer } = client.connection;
	const [tools, prompts, health] = await Promise.all([
		client.listTools(options),
		client.listPrompts(options),
		client.health(options),
	]);
	return {
		how: target.how,
		plugins: target.manifests,
		tools,
		prompts,
		storage: target.manifests.flatMap((manifest) => manifest.providesStorage ?? []),
		health,
		connection: {
			carrier: peer.carrier,
			address: peer.address,
			peer: peer.name,
			...(peer.fingerprint ? { fingerprint: peer.fingerprint } : {}),
			...(peer.validTo ? { validTo: peer.validTo.toISOString() } : {}),
			protocol: target.extensions ? 'extended' : 'core',
			software: target.software,
			latencyMs: await measureLatency(target, options),
		},
	};
}

async function measureLatency(
	{ client }: OpenedTarget,
	options: CallOptions,
): Promise<{ min: number; median: number }> {
	const samples: number[] = [];
	for (let i = 0; i < latencySamples; i++) {
		const start = performance.now();
		await client.health(options);
		samples.push(performance.now() - start);
	}
	samples.sort((a, b) => a - b);
	const round = (ms: number | undefined) => Math.round((ms ?? 0) * 1000) / 1000;
	return { min: round(samples[0]), median: round(samples[latencySamples >> 1]) };
}
