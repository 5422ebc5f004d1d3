import type { PluginSlot } from '../runtime/hosting/plugin-slot.ts';
import type { ReloadResult } from '../runtime/orchestrator/administration/administration-service.ts';
import type { CallUnderWay } from '../runtime/orchestrator/under-way.ts';
import { countOf } from '../toolchain/count-of.ts';
import { style } from './style.ts';

/** Calls that are named one by one; more are counted. */
const namedCalls = 5;

/** The plugins of a document that says what is served. */
export function servingPlugins(slots: readonly PluginSlot[]): object[] {
	return slots.map(({ id, state, known, status }) => ({
		id,
		state,
		tools: known?.tools.map(({ name }) => name) ?? [],
		...(status.reason ? { reason: status.reason } : {}),
	}));
}

/** Describes what is served, for a person. */
export function formatServing(slots: readonly PluginSlot[], addresses: readonly string[]): string {
	const running = slots.filter(({ state }) => state === 'running');
	const tools = running.flatMap(({ known }) => known?.tools ?? []);
	const counts = `${countOf(running.length, 'plugin')}, ${countOf(tools.length, 'tool')}`;
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

/** Describes what a stop waits for, for a person. */
export function formatWait(calls: readonly CallUnderWay[], graceMs: number): string {
	const named = calls
		.slice(0, namedCalls)
		.map(({ plugin, name }) => (name ? `${name} of ${plugin}` : plugin));
	const more = calls.length > namedCalls ? ` and ${calls.length - namedCalls} more` : '';
	const count = calls.length === 1 ? 'a call' : `${calls.length} calls`;
	return `waiting up to ${graceMs / 1000} s for ${count} under way: ${named.join(', ')}${more}`;
}

/** Describes the result of a reload, for a person. */
export function formatReload({ added, removed, changed, later, failed, monitor }: ReloadResult): string {
	const parts = [
		added.length > 0 ? `added ${added.join(', ')}` : '',
		changed.length > 0 ? `changed ${changed.join(', ')}` : '',
		removed.length > 0 ? `removed ${removed.join(', ')}` : '',
		monitor === undefined ? '' : monitor ? `the monitor is at ${monitor}` : 'the monitor is closed',
	].filter(Boolean);
	const lines = [`reloaded: ${parts.join('; ') || 'no plugin has changed'}`];
	for (const { id, message } of failed) lines.push(`  ${id} could not be started: ${message}`);
	if (later.length > 0) lines.push(`  takes effect when the server is started again: ${later.join(', ')}`);
	return lines.join('\n');
}
