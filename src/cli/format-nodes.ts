import type { ClusterInfo, ClusterPluginInfo } from '../cluster/cluster-service.ts';
import { style } from './style.ts';
import { formatTable } from './table.ts';
import { visibleLine } from './visible-text.ts';

const colours: Readonly<Record<string, (text: string) => string>> = {
	up: style.green,
	draining: style.yellow,
	incompatible: style.red,
};

/** The nodes of a cluster, for a person. */
export function formatNodes({ node, connected, nodes }: ClusterInfo): string {
	const rows = nodes.map((each) => [
		style.cyan(visibleLine(each.node)) + (each.isSelf ? ' *' : ''),
		(colours[each.state] ?? style.dim)(each.state),
		visibleLine(each.addresses.join(', ')),
		visibleLine(each.plugins.map(pluginWord).join(', ')),
	]);
	const table = formatTable(['node', 'state', 'address', 'plugins'], rows);
	return connected
		? table
		: `${table}\n\nnode ${visibleLine(node)} is cut off from NATS: this is how the nodes stood before.`;
}

function pluginWord({ id, state, token }: ClusterPluginInfo): string {
	if (state === 'running') return token > 0 ? `${id} (token ${token})` : id;
	return `${id} (${state})`;
}
