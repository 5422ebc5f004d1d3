import type { ExchangeHandler } from '../../carrier/carrier.ts';
import { errorResponse } from '../../carrier/error-response.ts';
import type { ExchangeUnderWay } from '../../carrier/exchanges-under-way.ts';
import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import { withDeadline } from '../../platform/with-deadline.ts';
import { ServiceTable } from '../../services/service-server.ts';
import { toErrorInfo } from '../../wire/error-info.ts';
import type {
	BootRequest,
	PluginManifest,
	PluginResponse,
	PromptDefinition,
	Publish,
	RegistrationResult,
	ShutdownRequest,
	ToolDefinition,
} from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { bootTimeoutMs } from '../definition/lifecycle.ts';
import type { Plugin } from '../definition/plugin.ts';
import { listedSchema } from '../input/listed-schema.ts';
import { EventHub } from './event-hub.ts';
import { ExecCalls } from './exec-calls.ts';
import { LifecycleRunner } from './lifecycle-runner.ts';
import type { PluginServices } from './plugin-services.ts';
import { PluginState } from './plugin-state.ts';
import { getPrompt } from './prompt-calls.ts';
import { recordedHandler } from './recorded-handler.ts';
import { serveSeamList } from './serve-seam-list.ts';
import { SessionCalls } from './session/session-calls.ts';
import { pluginExtensions, softwareName } from './software.ts';
import { serveStorage } from './storage-calls.ts';
import { startStream } from './stream-calls.ts';
import { callTool } from './tool-calls.ts';

/** Milliseconds that the parts of sessions get to be disposed when their plugin stops. */
const disposeTimeoutMs = 2_000;

/** Serves one plugin on any carrier. */
export interface Dispatcher {
	/** Answers every request kind of the protocol. For a listener, or for {@link connectInProcess}. */
	readonly handle: ExchangeHandler;
	/** A copy each time. */
	readonly manifest: PluginManifest;
	/** Calls whose handlers have not ended. */
	readonly activeCount: number;
	/** The same calls. */
	underWay(): ExchangeUnderWay[];
	/** Events that were dropped because a subscriber was too far behind. */
	readonly droppedEvents: number;
	/** Resolves when the plugin was shut down, in whichever way: true where that went well. Never rejects. */
	readonly ended: Promise<boolean>;
	/** See {@link LifecycleRunner.boot}. @throws OrchestraError `boot_failed`, `invalid_schema`, `shutting_down` */
	boot(config?: Readonly<Record<string, string>>, timeoutMs?: number): Promise<void>;
	/** Shuts the plugin down, once. Never rejects. @param timeoutMs default {@link shutdownTimeoutMs} */
	shutdown(timeoutMs?: number): Promise<boolean>;
}

/** Facts about its process in the health of a plugin, where it has one of its own. */
export interface Vitals {
	/** Milliseconds that its event loop was late at worst since this was last asked. More than 0. */
	readonly loopLagMs: number;
	/** Bytes of memory that it occupies: its resident set. */
	readonly memoryBytes: number;
}

/**
 * Serves a plugin. Calls are taken from now on, booted or not, as on the Go side.
 *
 * @param vitals asked with each health request. Default: nothing is said
 */
export function createDispatcher(
	plugin: Plugin,
	services: PluginServices,
	vitals?: () => Vitals,
): Dispatcher {
	return new PluginDispatcher(plugin, services, vitals);
}

class PluginDispatcher implements Dispatcher {
	readonly handle: ExchangeHandler;
	readonly ended: Promise<boolean>;
	readonly #state: PluginState;
	readonly #lifecycle: LifecycleRunner;
	readonly #events: EventHub;
	readonly #end: (clean: boolean) => void;
	readonly #services: ServiceTable;
	/** Its sessions, where it takes part in any. */
	readonly #sessions: SessionCalls | undefined;
	/** Its terminal sessions, where it gives any. */
	readonly #execs: ExecCalls | undefined;
	readonly #vitals: (() => Vitals) | undefined;

	constructor(plugin: Plugin, services: PluginServices, vitals: (() => Vitals) | undefined) {
		this.#vitals = vitals;
		this.#state = new PluginState(plugin, services);
		this.#lifecycle = new LifecycleRunner(this.#state);
		this.#events = new EventHub(this.#state);
		this.#state.subscriptions = this.#events;
		this.#services = new ServiceTable(`plugin ${plugin.id}`);
		const { hooks = [], operations = [], sessionPlugins = [], seams = [] } = plugin;
		for (const seam of seams) this.#services.add(seam);
		if (seams.length > 0) this.#services.add(serveSeamList(seams));
		if (hooks.length + operations.length + sessionPlugins.length > 0) {
			this.#sessions = new SessionCalls(this.#state);
			this.#state.sessionTools = this.#sessions;
			this.#services.add(this.#sessions.service);
		}
		if ((plugin.execs ?? []).length > 0) {
			this.#execs = new ExecCalls(this.#state);
			this.#services.add(this.#execs);
		}
		let end: (clean: boolean) => void = () => {};
		this.ended = new Promise((resolve) => {
			end = resolve;
		});
		this.#end = end;
		this.handle = (exchange) => recordedHandler(exchange, plugin.id, this.#serve);
	}

	get manifest(): PluginManifest {
		return this.#state.plugin.manifest;
	}

	get activeCount(): number {
		return this.#state.active.count;
	}

	underWay(): ExchangeUnderWay[] {
		return this.#state.active.exchanges;
	}

	get droppedEvents(): number {
		return this.#events.dropped;
	}

	boot(config: Readonly<Record<string, string>> = {}, timeoutMs?: number): Promise<void> {
		return this.#lifecycle.boot(config, timeoutMs);
	}

	async shutdown(timeoutMs?: number): Promise<boolean> {
		const stopped = this.#lifecycle.shutdown(timeoutMs);
		this.#events.close();
		// Open attachments are no calls that would end by themselves.
		const closed = this.#execs?.close();
		const clean = await stopped;
		await this.#closeSessions();
		await closed;
		this.#end(clean);
		return clean;
	}

	/** Never rejects, and waits no longer than a part of a session may take to be disposed. */
	async #closeSessions(): Promise<void> {
		const sessions = this.#sessions;
		if (!sessions) return;
		const late = () =>
			new OrchestraError('deadline_exceeded', `sessions of plugin ${this.#state.id} were not disposed`);
		try {
			await withDeadline(disposeTimeoutMs, () => sessions.close(), late);
		} catch (error) {
			this.#state.logFailure(`the end of plugin ${this.#state.id}`, error);
		}
	}

	readonly #serve = (exchange: IncomingExchange): void => {
		const { request } = exchange;
		if (request.toolCall !== undefined) callTool(this.#state, exchange, request.toolCall);
		else if (request.streamStart !== undefined) startStream(this.#state, exchange, request.streamStart);
		else if (request.publish !== undefined)
			exchange.finish(this.#publish(request.publish, request.traceParent));
		else if (request.promptGet !== undefined) void getPrompt(this.#state, exchange, request.promptGet);
		else if (!serveStorage(this.#state, exchange)) this.#handleControl(exchange);
	};

	#handleControl(exchange: IncomingExchange): void {
		const { request } = exchange;
		if (request.register !== undefined) exchange.finish({ register: this.#register(request.register) });
		else if (request.boot !== undefined) void this.#boot(exchange, request.boot);
		else if (request.shutdown !== undefined) void this.#shutdown(exchange, request.shutdown);
		else if (request.health !== undefined) {
			void this.#lifecycle
				.health()
				.then((health) => exchange.finish({ health: { ...health, ...this.#vitals?.() } }));
		} else if (request.listTools !== undefined) exchange.finish({ listTools: { tools: this.#tools() } });
		else if (request.listPrompts !== undefined) {
			exchange.finish({ listPrompts: { prompts: this.#prompts() } });
		} else if (request.describe !== undefined) {
			exchange.finish({
				describe: {
					plugins: [this.manifest],
					software: softwareName,
					extensions: [...pluginExtensions],
					orchestrator: false,
				},
			});
		} else if (request.subscribe !== undefined) {
			// Only an orchestrator keeps subscriptions of others: acknowledged, as the Go SDK does.
			const { subscriptionId = '', topic = '' } = request.subscribe;
			exchange.finish({ eventDelivery: { subscriptionId, topic } });
		} else if (
			request.unsubscribe !== undefined ||
			// Requests about other exchanges are the carrier's business; here they have nothing to act on.
			request.streamCancel !== undefined ||
			request.streamCredit !== undefined
		) {
			exchange.finish({});
		} else if (request.serviceCall !== undefined) this.#services.handle(exchange, request.serviceCall);
		else exchange.finish(errorResponse(request, this.#unknownRequest()));
	}

	#register(manifest: PluginManifest): RegistrationResult {
		const { id, stopping } = this.#state;
		if (stopping) return { accepted: false, rejectReason: `plugin ${id} is stopping` };
		if (manifest.id && manifest.id !== id) {
			return { accepted: false, rejectReason: `this is plugin ${id}, not ${manifest.id}` };
		}
		return { accepted: true };
	}

	async #boot(exchange: IncomingExchange, request: BootRequest): Promise<void> {
		try {
			// A host that waits longer than usual lets the hook take longer.
			const { deadline } = exchange;
			const timeoutMs = Math.max(bootTimeoutMs, (deadline ?? 0) - Date.now());
			await this.boot(request.config ?? {}, timeoutMs);
			exchange.finish({ boot: { ready: true } });
		} catch (thrown) {
			const error = OrchestraError.from(thrown, 'boot_failed');
			exchange.finish(errorResponse(exchange.request, error));
		}
	}

	async #shutdown(exchange: IncomingExchange, request: ShutdownRequest): Promise<void> {
		const seconds = request.timeoutSeconds ?? 0;
		const clean = await this.#lifecycle.shutdown(seconds > 0 ? seconds * 1000 : undefined);
		exchange.finish({ shutdown: { clean } });
		// Afterwards, so that whoever waits for the end finds the answer given.
		void this.shutdown();
	}

	#publish(event: Publish, traceParent: string | undefined): PluginResponse {
		if (this.#state.stopping) return { error: toErrorInfo(this.#state.shuttingDown()) };
		this.#events.deliver(event, traceParent);
		return {};
	}

	#tools(): ToolDefinition[] {
		return [...this.#state.plugin.tools.values()].map(
			({ name, description, input, streaming, title, annotations, outputSchema }) => ({
				name,
				description,
				inputSchema: listedSchema(input),
				streaming,
				...(title === undefined ? {} : { title }),
				...(annotations ? { annotations: { ...annotations } } : {}),
				...(outputSchema ? { outputSchema } : {}),
			}),
		);
	}

	#prompts(): PromptDefinition[] {
		return [...this.#state.plugin.prompts.values()].map(({ name, description, arguments: args }) => ({
			name,
			description,
			arguments: args.map((argument) => ({
				name: argument.name,
				description: argument.description ?? '',
				required: argument.required ?? false,
				...(argument.values ? { values: [...argument.values] } : {}),
			})),
		}));
	}

	#unknownRequest(): OrchestraError {
		return new OrchestraError(
			'unknown_request',
			`plugin ${this.#state.id} does not know this kind of request`,
			{
				hint: 'The peer may speak a newer version of the protocol.',
			},
		);
	}
}
