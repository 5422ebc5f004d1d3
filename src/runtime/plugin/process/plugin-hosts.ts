import type { ExchangeHandler } from '../../carrier/carrier.ts';
import { errorResponse } from '../../carrier/error-response.ts';
import type { Peer } from '../../carrier/peer.ts';
import { sessionPluginService } from '../../services/session-plugin-service.ts';
import type { PluginRequest } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';

/** Names that hosts have who do not say theirs: this software's own, and those of the Go SDK. No plugin can have one of them. */
function usualHosts(pluginId: string): readonly string[] {
	return ['orchestrator', `orchestrator-to-${pluginId}`, 'orchestra-host'];
}

/**
 * Peers that a plugin's process takes for its host, which may boot it, stop it, and say for whom it calls; and to which the plugin says
 * what it needs. The certificate decides, never a message.
 */
export class PluginHosts {
	readonly #pluginId: string;
	readonly #names: ReadonlySet<string>;

	/** @param names on the certificates of its hosts, as the host said them. Default: those that hosts usually have */
	constructor(pluginId: string, names: readonly string[] | undefined) {
		this.#pluginId = pluginId;
		this.#names = new Set(names ?? usualHosts(pluginId));
	}

	/** Whether a peer is a host. Without encryption nobody can prove anything: there everybody on this machine is believed. Over inherited descriptors there is nobody else. */
	includes({ name, carrier }: Peer): boolean {
		return this.#names.has(name) || carrier === 'tcp+plain' || carrier === 'fd';
	}

	/** @throws OrchestraError `identity_mismatch` where a peer that was dialled as the orchestrator is none of them */
	assertHost(peer: Peer): void {
		if (this.includes(peer)) return;
		const hosts = [...this.#names];
		throw new OrchestraError(
			'identity_mismatch',
			`${peer.address} is ${peer.name || 'nobody'}, not the orchestrator of plugin ${this.#pluginId}`,
			{
				hint: `Another program may have taken the port. The certificate of an orchestrator is for ${hosts.join(' or ')}.`,
				details: { address: peer.address, found: peer.name, expected: hosts },
			},
		);
	}

	/**
	 * A handler that lets hosts do everything. Other peers of the CA call in their own names, and neither boot nor stop the plugin.
	 *
	 * @param onDenied called with each refusal, in a sentence
	 */
	guard(handler: ExchangeHandler, onDenied: (message: string) => void): ExchangeHandler {
		return (exchange) => {
			const { request, peer } = exchange;
			if (!this.includes(peer)) {
				const asked = hostsRequest(request);
				if (asked !== undefined) {
					const error = this.#denied(peer, asked);
					onDenied(error.message);
					exchange.finish(errorResponse(request, error));
					return;
				}
				nameCaller(request, peer.name);
			}
			handler(exchange);
		};
	}

	#denied({ name }: Peer, asked: string): OrchestraError {
		return new OrchestraError(
			'permission_denied',
			`${name || 'a peer without a name'} may not ${asked} plugin ${this.#pluginId}: only its host may`,
			{
				hint: 'Use the orchestrator that serves it: orchestra ps, stop and restart.',
				details: { caller: name, rule: 'host', kind: asked, name: this.#pluginId },
			},
		);
	}
}

/** Kind of a request that only hosts may make; undefined for any other. */
function hostsRequest(
	request: PluginRequest,
): 'boot' | 'shut down' | 'register with' | 'open sessions in' | undefined {
	if (request.boot) return 'boot';
	if (request.shutdown) return 'shut down';
	if (request.serviceCall?.service === sessionPluginService.name) return 'open sessions in';
	return request.register ? 'register with' : undefined;
}

/** Sets the caller or publisher to the name on the certificate. */
function nameCaller(request: PluginRequest, name: string): void {
	const call = request.toolCall ?? request.streamStart;
	if (call) call.callerPlugin = name;
	else if (request.publish) request.publish.sourcePlugin = name;
	else if (request.serviceCall) request.serviceCall.caller = name;
}
