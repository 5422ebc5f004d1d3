import type { PluginRequest } from '../../runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** Fault of a call for another start of this node, which nobody has served: its caller's registry was old. */
export function staleCallFault(
	{ cluster }: PluginRequest,
	{ node, instance }: { readonly node: string; readonly instance: string },
): OrchestraError | undefined {
	if (!cluster?.instance || cluster.instance === instance) return undefined;
	return new OrchestraError('node_lost', `node ${node} was started anew since its caller heard of it`, {
		retryable: true,
		hint: 'Call again: nothing was done.',
		details: { node },
	});
}
