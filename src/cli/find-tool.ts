import { clusterService } from '../cluster/cluster-service.ts';
import type { CallOptions } from '../runtime/client/call-options.ts';
import type { ListedTool } from '../runtime/client/listings.ts';
import type { PluginClient } from '../runtime/client/plugin-client.ts';
import { unusableBecause } from '../runtime/plugin/input/listed-schema.ts';
import { serviceClient } from '../runtime/services/service-client.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { nearest } from '../toolchain/nearest.ts';

/**
 * A tool by its name.
 *
 * @param unusableToo whether one that cannot be called will do
 * @throws OrchestraError `tool_not_found`, with the nearest name or all of them; `invalid_schema` where it cannot be called
 */
export async function findTool(
	client: PluginClient,
	name: string,
	options: CallOptions & { readonly plugin?: string | undefined },
	unusableToo = false,
): Promise<ListedTool> {
	const { plugin } = options;
	const listed = await client.listTools(options);
	const tools = plugin ? listed.filter((tool) => !tool.plugin || tool.plugin === plugin) : listed;
	const tool = tools.find((candidate) => candidate.name === name);
	const unusable = tool && !unusableToo && unusableBecause(tool.inputSchema);
	if (unusable) {
		throw new OrchestraError('invalid_schema', `tool ${name} cannot be called: ${unusable}`, {
			hint: 'Mend its input schema. The other tools of the plugin can be called.',
		});
	}
	if (tool) return tool;
	const names = tools.map((candidate) => candidate.name);
	// Other hosts write the plugin in front of the name.
	const near =
		nearest(name, names) ?? names.find((one) => name.endsWith(`.${one}`) || name.endsWith(`/${one}`));
	let hint = near ? `Did you mean ${near}?` : `It has: ${names.join(', ')}.`;
	if (names.length === 0) hint = nothingHint(listed, plugin);
	if (!near) hint = `${await cutHint(client)}${hint}`;
	throw new OrchestraError('tool_not_found', `there is no tool named ${name}`, {
		hint,
		details: { tools: names },
	});
}

function nothingHint(listed: readonly ListedTool[], plugin: string | undefined): string {
	if (plugin === undefined || listed.length === 0) return 'It has no tools at all.';
	const plugins = [...new Set(listed.flatMap((tool) => tool.plugin ?? []))];
	return `The plugin ${plugin} has none here. There are tools of: ${plugins.join(', ')}.`;
}

/** Milliseconds for a remark in an error. */
const cutHintMs = 2_000;

/** Says that tools of other nodes may be unknown where the server is a node that is cut off; else empty. Never rejects. */
async function cutHint(client: PluginClient): Promise<string> {
	try {
		const cluster = serviceClient(clusterService, client.connection);
		const { node, connected } = await cluster.nodes({}, { timeoutMs: cutHintMs });
		if (connected) return '';
		return `Node ${node} is cut off from NATS and may not know the plugins of other nodes: orchestra ps --cluster. `;
	} catch {
		// It is no node, or we may not ask it.
		return '';
	}
}
