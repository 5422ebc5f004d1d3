import type { ExchangeTiming } from '../../runtime/carrier/exchange-timing.ts';
import type { CallOptions } from '../../runtime/client/call-options.ts';
import type { Health, ListedPrompt, ListedTool } from '../../runtime/client/listings.ts';
import { createClient, type PluginClient } from '../../runtime/client/plugin-client.ts';
import { settlesWithin } from '../../runtime/platform/settles-within.ts';
import { connectionTransport } from '../../runtime/seams/connection-transport.ts';
import type { OfferedSeam } from '../../runtime/services/seam-transport.ts';
import { serviceClient } from '../../runtime/services/service-client.ts';
import { type SessionPluginReport, sessionsService } from '../../runtime/services/sessions-service.ts';
import type { PluginManifest, PluginStatus } from '../../runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { type CallTime, callTime } from './call-time.ts';
import type { OpenedTarget } from './opened-target.ts';

/** Round trips that the latency is measured with. */
const latencySamples = 9;

/** Milliseconds that a core peer gets to register. */
const registrationMs = 2_000;

/** Facts that `orchestra inspect` shows; its JSON form is documented in docs/cli.md. */
export interface Inspection {
	readonly how: OpenedTarget['how'];
	readonly plugins: PluginManifest[];
	/** Whether it was given the directory with the key of the authority, so that no access rule binds it. */
	readonly canIssue: boolean;
	/** States of an orchestrator's plugins, those that do not run too. */
	readonly statuses: PluginStatus[];
	readonly tools: ListedTool[];
	readonly prompts: ListedPrompt[];
	/** Storage types that are provided. */
	readonly storage: string[];
	/** The seams that it serves; of a plugin, not of an orchestrator. */
	readonly seams: readonly OfferedSeam[];
	/** Parts of plugins for sessions, with the durations of their builds; plugins that have none are left out. */
	readonly sessions: readonly SessionPluginReport[];
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
	/** Durations of the parts of a call: of the health check that took the median time. */
	readonly time: CallTime;
}

/** Asks a target everything that it tells. */
export async function inspectTarget(target: OpenedTarget, options: CallOptions): Promise<Inspection> {
	const { client, link } = target;
	const { peer } = link;
	// A core peer that we started tells most of its manifest when it registers, in a moment or never.
	if (target.registered) await settlesWithin(target.registered, registrationMs);
	const direct = createClient(link);
	const [tools, prompts, seams, sessions, health] = await Promise.all([
		client.listTools(options),
		client.listPrompts(options),
		// A core peer has neither, and says each in its own way that it does not know the question.
		target.extensions
			? connectionTransport(link, peer.name).offered(options).catch(unlessNotHosting([]))
			: [],
		target.extensions ? sessionPlugins(client, options) : [],
		direct.health(options),
	]);
	const samples = await measureLatency(direct, options);
	const median = samples[latencySamples >> 1];
	return {
		how: target.how,
		plugins: target.manifests,
		canIssue: target.canIssue,
		statuses: target.statuses,
		tools,
		prompts,
		storage: target.manifests.flatMap((manifest) => manifest.providesStorage ?? []),
		seams,
		sessions,
		health,
		connection: {
			carrier: peer.carrier,
			address: peer.address,
			peer: peer.name,
			...(peer.fingerprint ? { fingerprint: peer.fingerprint } : {}),
			...(peer.validTo ? { validTo: peer.validTo.toISOString() } : {}),
			protocol: target.extensions ? 'extended' : 'core',
			software: target.software,
			latencyMs: { min: round(samples[0]?.ms), median: round(median?.ms) },
		},
		time: callTime(link.setup, median?.timing ?? {}),
	};
}

/** Parts of plugins for sessions; none where the peer hosts no sessions. */
async function sessionPlugins(client: PluginClient, options: CallOptions): Promise<SessionPluginReport[]> {
	const { connection } = client;
	const { plugins } = await serviceClient(sessionsService, connection)
		.plugins({}, options)
		.catch(unlessNotHosting({ plugins: [] }));
	return plugins.filter(
		({ hooks, operations, factories }) => hooks.length + operations.length + factories.length > 0,
	);
}

/** Codes of peers that have no such service, or an older one, or do not let everybody ask. */
const notHosting = new Set<string>([
	'service_not_found',
	'method_not_found',
	'unknown_request',
	'permission_denied',
]);

/** Value in place of the answer of a peer that has no such service; any other error is thrown. */
function unlessNotHosting<T>(nothing: T): (error: unknown) => T {
	return (error) => {
		if (notHosting.has(OrchestraError.from(error, 'internal').code)) return nothing;
		throw error;
	};
}

/** One round trip. */
interface Sample {
	readonly ms: number;
	readonly timing: ExchangeTiming;
}

/** Some round trips, the fastest first. */
async function measureLatency(client: PluginClient, options: CallOptions): Promise<Sample[]> {
	const samples: Sample[] = [];
	for (let i = 0; i < latencySamples; i++) {
		const timing: ExchangeTiming = {};
		const start = performance.now();
		await client.health({ ...options, timing });
		samples.push({ ms: performance.now() - start, timing });
	}
	return samples.sort((a, b) => a.ms - b.ms);
}

function round(ms: number | undefined): number {
	return Math.round((ms ?? 0) * 1000) / 1000;
}
