import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** A call of a plugin of which the cluster has one. */
export interface FencedCall {
	readonly plugin: string;
	/** The node that the call has reached. */
	readonly node: string;
	/** The token of the lease that this node holds now; undefined where it holds none. */
	readonly held: number | undefined;
	/** The token that the call came with; undefined where its caller is on this node. */
	readonly sent: number | undefined;
}

/** Fault of a call that a node may not serve; undefined where it may. Nothing was done for one that is refused. */
export function fencingFault({ plugin, node, held, sent }: FencedCall): OrchestraError | undefined {
	if (held === undefined) {
		return new OrchestraError(
			'lease_lost',
			`node ${node} does not hold the lease of plugin ${plugin} any more`,
			{
				retryable: true,
				hint: 'Call again: another node takes it over.',
				details: { plugin, node },
			},
		);
	}
	if (sent === undefined || sent === held) return undefined;
	const older = sent < held;
	return new OrchestraError(
		'lease_lost',
		`the call of plugin ${plugin} has the token ${sent}, and node ${node} holds ${held}`,
		{
			retryable: true,
			hint: older
				? 'Call again: its caller had not heard of the change.'
				: 'Call again: another node has it.',
			details: { plugin, node, sent, held },
		},
	);
}
