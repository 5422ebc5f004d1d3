import { errorResponse } from '../../carrier/error-response.ts';
import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import type { ExecManager } from '../../exec/exec-manager.ts';
import { execService } from '../../services/exec-service.ts';
import type { FailureResponse, ServedService } from '../../services/service-server.ts';
import type { ServiceCall } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { createLog } from '../definition/log.ts';
import type { PluginState } from './plugin-state.ts';

/** The terminal sessions of one plugin. What serves them is loaded with the first request: most plugins' processes never need it. */
export class ExecCalls implements ServedService {
	readonly definition = execService;
	readonly #state: PluginState;
	#loading: Promise<{ manager: ExecManager; service: ServedService }> | undefined;

	constructor(state: PluginState) {
		this.#state = state;
	}

	handle(exchange: IncomingExchange, call: ServiceCall, failure: FailureResponse): void {
		const refused = this.#state.refusal(undefined);
		if (refused) {
			exchange.finish(failure(exchange.request, refused));
			return;
		}
		this.#loading ??= this.#load();
		this.#loading.then(
			({ service }) => service.handle(exchange, call, failure),
			(error: unknown) =>
				exchange.finish(errorResponse(exchange.request, OrchestraError.from(error, 'internal'))),
		);
	}

	/** Ends all sessions: the plugin stops. Never rejects. */
	async close(): Promise<void> {
		try {
			await (await this.#loading)?.manager.closeAll();
		} catch (error) {
			this.#state.logFailure(`the end of the terminal sessions of plugin ${this.#state.id}`, error);
		}
	}

	async #load(): Promise<{ manager: ExecManager; service: ServedService }> {
		const [{ ExecManager }, { serveExec }] = await Promise.all([
			import('../../exec/exec-manager.ts'),
			import('../../exec/serve-exec.ts'),
		]);
		const { plugin, services, id } = this.#state;
		const manager = new ExecManager(id, plugin.execs ?? [], {
			log: (requestId, traceParent) =>
				createLog((entry) => services.log(entry), { plugin: id, requestId, traceParent }),
		});
		return { manager, service: serveExec(manager) };
	}
}
