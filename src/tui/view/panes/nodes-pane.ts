import { pluginWord } from '../../../cli/format-nodes.ts';
import type { NodeFacts } from '../../feed/feed-message.ts';
import type { Tone } from '../../text/tone.ts';
import type { DetailSection } from '../detail-section.ts';
import { definePane } from '../pane.ts';

/** The nodes of the cluster that the server is one of, and what runs on each. */
export const nodesPane = definePane<NodeFacts>({
	name: 'nodes',
	title: 'Nodes',
	shortTitle: 'Nodes',
	grows: false,
	empty: 'This server is no node of a cluster.',
	columns: [
		{
			title: 'NODE',
			width: 10,
			share: 1,
			goes: 0,
			text: ({ node, isSelf }) => (isSelf ? `${node} *` : node),
		},
		{ title: 'STATE', width: 8, goes: 0, text: ({ state }) => state, tone: toneOfNode },
		{
			title: 'ADDRESS',
			width: 21,
			share: 1,
			goes: 1,
			text: ({ addresses }) => addresses.join(', '),
			tone: () => 'dim',
		},
		{ title: 'PLUGINS', width: 12, share: 3, goes: 0, text: pluginsText },
		{ title: 'SOFTWARE', width: 26, goes: 2, text: ({ software }) => software, tone: () => 'dim' },
	],
	items: ({ cluster }) => cluster?.nodes ?? [],
	key: ({ node }) => node,
	haystack: ({ node, state, addresses, plugins }) =>
		[node, state, ...addresses, ...plugins.map(({ id }) => id)].join(' '),
	summary: (node) => pluginsText(node) || `${node.node} runs no plugins`,
	heading: ({ node }) => `Node ${node}`,
	detail: nodeDetail,
	copied: (node) => JSON.stringify(node, null, 2),
	isShown: ({ cluster }) => cluster !== undefined,
	count: ({ cluster }) => cluster?.nodes.length ?? 0,
});

function pluginsText({ plugins }: NodeFacts): string {
	return plugins.map(pluginWord).join(', ');
}

function toneOfNode({ state }: NodeFacts): Tone {
	if (state === 'up') return 'good';
	return state === 'draining' ? 'warn' : 'bad';
}

function nodeDetail(node: NodeFacts): DetailSection[] {
	const { state, isSelf, software, addresses, plugins } = node;
	return [
		{
			kind: 'facts',
			facts: [
				['state', state, toneOfNode(node)],
				['address', addresses.join(', ')],
				['software', software],
				['asked', isSelf ? 'it is the one that this view asks' : ''],
			],
		},
		...plugins.map(
			({ id, version, state: runs, token, tools }): DetailSection => ({
				kind: 'text',
				title: `${id}${version && ` ${version}`}`,
				text: [`${runs}${token > 0 ? `, fencing token ${token}` : ''}`, tools.join(', ')]
					.filter(Boolean)
					.join('\n'),
			}),
		),
	];
}
