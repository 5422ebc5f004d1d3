import { errorResponse } from '../carrier/error-response.ts';
import type { IncomingExchange } from '../carrier/incoming-exchange.ts';
import { connectInProcess } from '../carrier/memory/memory-connection.ts';
import { createClient } from '../client/plugin-client.ts';
import { pluginExtensions } from '../plugin/serving/software.ts';
import { type HealthResult, type PluginResponse, Status } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { HostedPlugin } from './hosted-plugin.ts';
import type { RoutingTable } from './routing-table.ts';

/** Milliseconds that a plugin has to say how it is. */
const healthTimeoutMs = 5_000;

/** Answers what is not for one plugin: lists, description, health, and what only a host may ask of a plugin. */
export function answerForAll(exchange: IncomingExchange, table: RoutingTable, software: string): void {
	const { request } = exchange;
	if (request.health) {
		void overallHealth(table.plugins).then((health) => exchange.finish({ health }));
		return;
	}
	exchange.finish(answer());

	function answer(): PluginResponse {
		if (request.listTools) return { listTools: table.listTools() };
		if (request.listPrompts) return { listPrompts: table.listPrompts() };
		if (request.describe) {
			const plugins = table.plugins.map((plugin) => plugin.manifest);
			return {
				describe: { plugins, software, extensions: [...pluginExtensions], orchestrator: true },
			};
		}
		if (request.subscribe) {
			const { subscriptionId = '', topic = '' } = request.subscribe;
			return { eventDelivery: { subscriptionId, topic } };
		}
		if (request.unsubscribe) return {};
		if (request.boot || request.shutdown) {
			const text = 'an orchestrator is booted and stopped by the program around it, not by a peer';
			return errorResponse(request, new OrchestraError('routing_error', text));
		}
		return errorResponse(
			request,
			new OrchestraError('unknown_request', 'this kind of request is not known here'),
		);
	}
}

/** The worst of all; a plugin that does not answer is unhealthy. */
async function overallHealth(plugins: readonly HostedPlugin[]): Promise<HealthResult> {
	const each = await Promise.all(
		plugins.map(async (plugin) => {
			const connection = connectInProcess(plugin.handle, { callerName: 'orchestrator', plugin: plugin.id });
			try {
				const health = await createClient(connection).health({ timeoutMs: healthTimeoutMs });
				return { id: plugin.id, status: Status[health.status], message: health.message };
			} catch (error) {
				return { id: plugin.id, status: Status.unhealthy, message: (error as Error).message };
			} finally {
				await connection.close();
			}
		}),
	);
	const status = Math.max(Status.healthy, ...each.map((health) => health.status)) as Status;
	const ill = each.filter((health) => health.status !== Status.healthy);
	return {
		status,
		message: ill.length === 0 ? 'ok' : ill.map((health) => `${health.id}: ${health.message}`).join('; '),
		details: Object.fromEntries(each.map((health) => [health.id, health.message])),
	};
}
