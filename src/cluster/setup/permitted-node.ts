import type { AccessRule } from '../../runtime/orchestrator/access.ts';
import { matchesName } from '../../runtime/orchestrator/matches-name.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { Configuration } from '../../toolchain/configuration/configuration.ts';
import type { PermittedNode } from './nats-permissions.ts';
import type { NodeNeeds } from './node-needs.ts';

/**
 * Reads what a configuration says of its node.
 *
 * @param rules of all nodes: a call is held to those of the node that it reaches
 * @param needs Default: nobody knows
 */
export function permittedNode(
	configuration: Configuration,
	rules: readonly AccessRule[],
	needs?: NodeNeeds,
): PermittedNode {
	const { cluster, file, plugins } = configuration;
	if (!cluster) {
		throw new OrchestraError('invalid_configuration', `${file} is of no node: it has no cluster`, {
			hint: 'Add cluster: { node: NAME, servers: [tls://HOST:4222] }.',
		});
	}
	const { node, name } = cluster;
	return {
		node,
		cluster: name,
		plugins: plugins.filter(({ enabled }) => enabled).map(({ id }) => id),
		needs,
		rules: rules.filter(({ certificates }) => certificates.some((pattern) => matchesName(pattern, node))),
	};
}
