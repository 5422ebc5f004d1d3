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
export function formatNodes({ node, connected, outside = '', nodes }: ClusterInfo): string {
	const rows = nodes.map((each) => [
		style.cyan(visibleLine(each.node)) + (each.isSelf ? ' *' : ''),
		(colours[each.state] ?? style.dim)(each.state),
		visibleLine(each.addresses.join(', ')),
		visibleLine(each.plugins.map(pluginWord).join(', ')),
	]);
	const table = formatTable(['node', 'state', 'address', 'plugins'], rows);
	const place = placeWords(node, connected, visibleLine(outside));
	if (place === '') return table;
	const before = connected || nodes.length === 0 ? '' : ' This is how the nodes stood before.';
	return `${table}\n\n${place}${before}`;
}

/** State of the node that was asked itself; empty where it has its place. */
function placeWords(node: string, connected: boolean, outside: string): string {
	if (!connected) return `${outside || `node ${visibleLine(node)} is cut off from NATS`}.`;
	return (
		outside && `node ${visibleLine(node)} has no place in the cluster, and others do not see it: ${outside}.`
	);
}

function pluginWord({ id, state, token }: ClusterPluginInfo): string {
	if (state === 'running') return token > 0 ? `${id} (token ${token})` : id;
	return `${id} (${state})`;
}
