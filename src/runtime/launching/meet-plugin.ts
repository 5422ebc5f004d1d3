import type { PluginClient } from '../client/plugin-client.ts';
import { debugLog } from '../debug/debug-log.ts';
import { assertCertificateName } from '../identity/certificate-name.ts';
import type { LaunchedFacts } from './launched-plugin.ts';
import { inTime } from './start-steps.ts';

const launchLog = debugLog('launch');

/** Options of the first requests to a plugin that has just been started. */
export interface MeetOptions {
	readonly id: string;
	readonly config: Record<string, string>;
	/** Milliseconds for each step but the boot. */
	readonly timeoutMs: number;
	readonly bootTimeoutMs: number;
	/** Whether it gets requests in the order in which they are sent: then none waits for the answer to the one before. */
	readonly inOrder: boolean;
	readonly signal: AbortSignal;
}

/**
 * Registers with a plugin, boots it, and asks what it has: prompts only where that costs no round trip more.
 *
 * @throws OrchestraError `deadline_exceeded` with what it did not do; PeerError `registration_rejected`, `boot_failed`
 */
export async function meetPlugin(
	client: PluginClient,
	options: MeetOptions,
): Promise<Omit<LaunchedFacts, 'address'>> {
	const { id, config, timeoutMs, bootTimeoutMs, inOrder, signal } = options;
	assertCertificateName(id);
	launchLog?.(`${id} is connected`);
	const register = () =>
		inTime(
			client.register({ id }, { timeoutMs, signal }),
			`${id} did not answer its registration`,
			timeoutMs,
		);
	const boot = () =>
		inTime(client.boot(config, { timeoutMs: bootTimeoutMs, signal }), `${id} did not boot`, bootTimeoutMs);
	// Asked before it has booted, it may have to boot first.
	const listMs = inOrder ? timeoutMs + bootTimeoutMs : timeoutMs;
	const list = () => {
		const step = { timeoutMs: listMs, signal };
		const listing = Promise.all([
			client.listTools(step),
			client.describe(step),
			inOrder ? client.listPrompts(step) : undefined,
		]);
		return inTime(listing, `${id} did not list its tools`, listMs);
	};
	if (inOrder) {
		const steps = [register(), boot()] as const;
		const listing = list();
		// The first that fails is told; the others fail with it.
		for (const step of [...steps, listing]) step.catch(() => {});
		for (const step of steps) await step;
		launchLog?.(`${id} has booted`);
		return factsOf(await listing);
	}
	await register();
	await boot();
	launchLog?.(`${id} has booted`);
	return factsOf(await list());

	function factsOf([tools, description, prompts]: Awaited<ReturnType<typeof list>>) {
		const manifest = description?.plugins.find((plugin) => plugin.id === id);
		return { id, tools, description, prompts, manifest };
	}
}
