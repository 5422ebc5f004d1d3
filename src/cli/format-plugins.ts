import type { PluginInfo } from '../runtime/orchestrator/administration/administration-service.ts';
import { formatAge } from './format-age.ts';
import { style } from './style.ts';
import { formatTable } from './table.ts';
import { visibleLine } from './visible-text.ts';

const colours: Readonly<Record<string, (text: string) => string>> = {
	running: style.green,
	starting: style.yellow,
	stopping: style.yellow,
	crashed: style.red,
	failed: style.red,
	unavailable: style.red,
};

/** The plugins of a server, for a person. */
export function formatPlugins(plugins: readonly PluginInfo[], now = Date.now()): string {
	if (plugins.length === 0) return 'The server has no plugins.';
	const rows = plugins.map(({ id, state, reason, since, starts, source, pid, tools, ...vitals }) => [
		style.cyan(visibleLine(id)),
		(colours[state] ?? style.dim)(state),
		formatAge(now - since),
		String(Math.max(0, starts - 1)),
		pid > 0 ? String(pid) : style.dim(source),
		vitals.health ? visibleLine(vitals.health) : '',
		vitals.loopLagMs > 0 ? `${vitals.loopLagMs.toFixed(1)} ms` : '',
		vitals.memoryBytes > 0 ? `${(vitals.memoryBytes / 2 ** 20).toFixed(0)} MiB` : '',
		reason ? visibleLine(reason) : style.dim(visibleLine(tools.join(', '))),
	]);
	return formatTable(
		['plugin', 'state', 'for', 'restarts', 'process', 'health', 'lag', 'memory', 'tools'],
		rows,
	);
}
