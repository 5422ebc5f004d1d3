import type { ClusterInfo, ClusterPluginInfo } from '../cluster/cluster-service.ts';
import { style } from './style.ts';
import { formatTable } from './table.ts';
import { visibleLine } from './visible-text.ts';

const colours: Readonly<Record<string, (text: string) => string>> = {
	up: style.green,
	draining: style.yellow,
	cut: style.red,
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
	const place = outsideWords({ node, connected, outside });
	if (place === '') return table;
	const before =
		connected || nodes.every(({ isSelf }) => isSelf) ? '' : ' This is how the nodes stood before.';
	return `${table}\n\n${place}${before}`;
}

/** State of the node that was asked itself; empty where it has its place. */
export function outsideWords({
	node,
	connected,
	outside,
}: Pick<ClusterInfo, 'node' | 'connected' | 'outside'>): string {
	const [name, why] = [visibleLine(node), visibleLine(outside)];
	if (!connected) return `${why || `node ${name} is cut off from NATS`}.`;
	return why && `node ${name} has no place in the cluster, and others do not see it: ${why}.`;
}

/** A plugin of a node, with what is special about it there. */
export function pluginWord({ id, state, token }: ClusterPluginInfo): string {
	if (state === 'running') return token > 0 ? `${id} (token ${token})` : id;
	return `${id} (${state})`;
}
