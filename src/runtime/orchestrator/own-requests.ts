import type { IncomingExchange } from '../carrier/incoming-exchange.ts';
import { createClient } from '../client/plugin-client.ts';
import { ownErrorResponse } from '../hosting/own-error-response.ts';
import type { PluginSlot } from '../hosting/plugin-slot.ts';
import { pluginExtensions } from '../plugin/serving/software.ts';
import { type HealthResult, type PluginResponse, Status } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { RoutingTable } from './routing-table.ts';

/** Milliseconds that a plugin has to say how it is. */
const healthTimeoutMs = 5_000;

/** Answers what is not for one plugin: lists, description, health, and what only a host may ask of a plugin. */
export function answerOwnRequest(exchange: IncomingExchange, table: RoutingTable, software: string): void {
	const { request } = exchange;
	if (request.health) {
		void overallHealth(table.slots).then((health) => exchange.finish({ health }));
		return;
	}
	exchange.finish(answer());

	function answer(): PluginResponse {
		if (request.listTools) return { listTools: table.listTools() };
		if (request.listPrompts) return { listPrompts: table.listPrompts() };
		if (request.describe) {
			return {
				describe: {
					plugins: table.slots.flatMap(({ known }) => known?.manifest ?? []),
					statuses: table.slots.map(({ status }) => status),
					software,
					extensions: [...pluginExtensions],
					orchestrator: true,
				},
			};
		}
		if (request.boot || request.shutdown) {
			const text = 'an orchestrator is booted and stopped by the program around it, not by a peer';
			const details = { caller: exchange.peer.name, rule: 'host' };
			return ownErrorResponse(request, new OrchestraError('permission_denied', text, { details }));
		}
		return ownErrorResponse(
			request,
			new OrchestraError('unknown_request', 'this kind of request is not known here'),
		);
	}
}

/** The worst of all; a plugin that does not run, or does not answer, is unhealthy. */
async function overallHealth(slots: readonly PluginSlot[]): Promise<HealthResult> {
	const each = await Promise.all(
		slots.map(async ({ id, plugin, unavailable }) => {
			if (!plugin) return { id, status: Status.unhealthy, message: unavailable.message };
			try {
				const health = await createClient(plugin.connection).health({ timeoutMs: healthTimeoutMs });
				return { id, status: Status[health.status], message: health.message };
			} catch (error) {
				return { id, status: Status.unhealthy, message: (error as Error).message };
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
