import type { PluginSlot } from '../runtime/hosting/plugin-slot.ts';
import type { CallUnderWay } from '../runtime/orchestrator/under-way.ts';
import { style } from './style.ts';

/** Calls that are named one by one; more are counted. */
const namedCalls = 5;

/** What is served, for a person. */
export function formatServing(slots: readonly PluginSlot[], addresses: readonly string[]): string {
	const running = slots.filter(({ state }) => state === 'running');
	const tools = running.flatMap(({ known }) => known?.tools ?? []);
	const counts = `${running.length} plugin${running.length === 1 ? '' : 's'}, ${tools.length} tools`;
	const lines = slots.map(({ id, state, known }) => {
		const names = known?.tools.map(({ name }) => name).join(', ') ?? '';
		if (state === 'running') return `  ${style.cyan(id)} ${style.dim(names)}`;
		return `  ${style.cyan(id)} ${style.red(state)}`;
	});
	return [
		`${style.green.bold('serving')} ${counts}`,
		...lines,
		...addresses.map((address) => `  ${style.bold(address)}`),
	].join('\n');
}

/** What a stop waits for, for a person. */
export function formatWait(calls: readonly CallUnderWay[], graceMs: number): string {
	const named = calls
		.slice(0, namedCalls)
		.map(({ plugin, name }) => (name ? `${name} of ${plugin}` : plugin));
	const more = calls.length > namedCalls ? ` and ${calls.length - namedCalls} more` : '';
	const count = calls.length === 1 ? 'a call' : `${calls.length} calls`;
	return `waiting up to ${graceMs / 1000} s for ${count} under way: ${named.join(', ')}${more}`;
}
