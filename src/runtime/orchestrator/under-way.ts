import type { IncomingExchange } from '../carrier/incoming-exchange.ts';
import type { PluginSlot } from '../hosting/plugin-slot.ts';

/** A call that a plugin has not ended. */
export interface CallUnderWay {
	readonly plugin: string;
	/** A tool, prompt, path or method; empty where there is nothing. */
	readonly name: string;
	/** Who calls, as far as it is known. */
	readonly caller: string;
	/** Milliseconds since the plugin got it. */
	readonly ageMs: number;
	readonly exchange: IncomingExchange;
}

/** The calls that the plugins of some slots have not ended. */
export function callsUnderWay(slots: readonly PluginSlot[]): CallUnderWay[] {
	return slots.flatMap(({ id, plugin }) =>
		(plugin?.underWay() ?? []).map(({ exchange, since }) => ({
			plugin: id,
			exchange,
			ageMs: Math.round(performance.now() - since),
			...about(exchange),
		})),
	);
}

/** Resolves when the calls have ended, or when the time is up. */
export async function drained(calls: readonly CallUnderWay[], timeoutMs: number): Promise<void> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const late = new Promise<void>((resolve) => {
		timer = setTimeout(resolve, timeoutMs);
	});
	const ends = calls.map(
		({ exchange }) =>
			new Promise<void>((resolve) => {
				if (exchange.finished) resolve();
				else exchange.onEnd(() => resolve());
			}),
	);
	await Promise.race([Promise.all(ends), late]);
	clearTimeout(timer);
}

function about({ request, peer }: IncomingExchange): { name: string; caller: string } {
	const call = request.toolCall ?? request.streamStart;
	const stored = request.storageRead ?? request.storageWrite ?? request.storageDelete;
	const method = request.serviceCall?.method;
	const name = call?.toolName ?? request.promptGet?.promptName ?? stored?.path ?? method ?? '';
	return { name, caller: call?.callerPlugin || peer.name };
}
