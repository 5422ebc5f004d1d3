import type { Address } from '../carrier/address.ts';
import type { Connection, ExchangeHandler, Listener } from '../carrier/carrier.ts';
import { listenWithSource } from '../carrier/follow-identity.ts';
import type { IncomingExchange } from '../carrier/incoming-exchange.ts';
import { connectInProcess } from '../carrier/memory/memory-connection.ts';
import { debugLog } from '../debug/debug-log.ts';
import type { EventBus } from '../events/event-bus.ts';
import { MemoryEventBus } from '../events/memory-event-bus.ts';
import { drained } from '../hosting/drained.ts';
import { embedded } from '../hosting/embedded-source.ts';
import type { HostedPlugin } from '../hosting/hosted-plugin.ts';
import { ownErrorResponse } from '../hosting/own-error-response.ts';
import { pluginAddress } from '../hosting/plugin-address.ts';
import { PluginSlot, type SlotOwner, type SlotPolicy } from '../hosting/plugin-slot.ts';
import type { PluginSource } from '../hosting/plugin-source.ts';
import { Registrations } from '../hosting/registrations.ts';
import { Supervisor } from '../hosting/supervision/supervisor.ts';
import type { Identity } from '../identity/identity.ts';
import { type IdentitySource, identitySource } from '../identity/sources/identity-source.ts';
import type { LogEntry } from '../plugin/definition/log.ts';
import { readLogLine } from '../plugin/definition/log-document.ts';
import type { Plugin } from '../plugin/definition/plugin.ts';
import { softwareName } from '../plugin/serving/software.ts';
import { type ServedService, ServiceTable } from '../services/service-server.ts';
import { SessionHost, type SessionOptions } from '../sessions/session-host.ts';
import type { SessionPeer } from '../sessions/session-runtime.ts';
import { telemetry } from '../telemetry/telemetry.ts';
import { describeRequest } from '../wire/describe-request.ts';
import type { PluginManifest, PluginRequest } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { callCycle } from './call-cycle.ts';
import type { CallObserver } from './call-observer.ts';
import { Catalogue, serveCatalogue } from './catalogue.ts';
import type { OrchestratorChange } from './change.ts';
import { EventStreams } from './event-streams.ts';
import { type Interceptor, intercepted } from './interceptor.ts';
import { type AskingPlugin, ManifestRule } from './manifest-rule.ts';
import { matchesName } from './matches-name.ts';
import { answerOwnRequest } from './own-requests.ts';
import { PluginEvents } from './plugin-events.ts';
import { recordRoutes } from './record-routes.ts';
import { type RoutingOptions, RoutingTable } from './routing-table.ts';
import { stopInOrder } from './stop-order.ts';
import { type CallUnderWay, callsUnderWay } from './under-way.ts';

const routeLog = debugLog('route');

/** Milliseconds that the last answers get to leave when an orchestrator stops. */
const lastAnswersMs = 500;

/** Milliseconds that the calls under way get to end when an orchestrator stops. */
export const defaultStopGraceMs = 10_000;

/** Options of an orchestrator. */
export interface OrchestratorOptions extends RoutingOptions {
	/** Name and version of the program around it, as `describe` tells it. Default: those of this package. */
	readonly software?: string | undefined;
	/** Identity that the orchestrator presents to peers. The orchestrator owns it, and closes it when it has stopped. */
	readonly identity?: IdentitySource | undefined;
	/** Called with each log entry of a plugin, and with what goes wrong. Default: nobody is told. */
	readonly onLog?: ((entry: LogEntry) => void) | undefined;
	/** Called with each line that the process of a plugin prints. Default: nobody is told. */
	readonly onOutput?: ((label: string, line: string) => void) | undefined;
	/** Turns a line into the text that is kept in the log of its plugin, such as with readable places in a stack. It must not throw. Default: as it came. */
	readonly keptText?: ((text: string) => string) | undefined;
	/** Patterns of the certificates of other orchestrators, which may say for whom they forward a call. Default: none. */
	readonly nodes?: readonly string[] | undefined;
	/** Options of sessions, such as the time after which one is idle. */
	readonly sessions?: SessionOptions | undefined;
	/**
	 * Whether plugins of the core protocol are held to their manifests too. Default false: what they did not declare is allowed, and
	 * told once. All others are held to theirs.
	 */
	readonly strict?: boolean | undefined;
	/** Patterns of the certificates that administer: no plugin that says its id itself gets one of these names. Default: none. */
	readonly operators?: readonly string[] | undefined;
	/** Bus that carries events. Default: one in this process. */
	readonly bus?: EventBus | undefined;
}

/** Options of connecting a front end in this process. */
export interface ConnectOptions {
	/** Whether it may name another caller for whom it forwards. Default false: it calls in its own name. */
	readonly forwards?: boolean | undefined;
}

/** Options of an orchestrator's stop. */
export interface StopOptions {
	/** Milliseconds that calls under way get to end. Default {@link defaultStopGraceMs}. */
	readonly graceMs?: number | undefined;
	/** Called where calls are under way, with these, before they are waited for. */
	readonly onWait?: ((calls: readonly CallUnderWay[], graceMs: number) => void) | undefined;
}

/**
 * Hosts plugins and routes what reaches it: from programs that connect to its listeners, from programs in this process
 * ({@link connect}), and from the plugins themselves.
 *
 * @example
 * import { createPlugin } from 'orchestra-toolchain';
 * import { createClient } from 'orchestra-toolchain/client';
 * import { Orchestrator } from 'orchestra-toolchain/host';
 *
 * await using orchestrator = new Orchestrator();
 * await orchestrator.embed(
 * 	createPlugin('greeter')
 * 		.registerTool('greet', { description: 'Says hello.', input: { type: 'object' } }, () => ({ text: 'hello' }))
 * 		.build(),
 * );
 * const client = createClient(orchestrator.connect('my-program'));
 * console.log(await client.callTool('greet'));
 */
export class Orchestrator implements AsyncDisposable {
	readonly registrations = new Registrations((id) => this.#table.get(id)?.plugin !== undefined);
	/** Its tools: to page through, search, and look up. */
	readonly catalogue: Catalogue;
	readonly #table: RoutingTable;
	/** Its sessions: with none open, calls cost nothing more. */
	readonly sessions: SessionHost;
	readonly #listeners: Listener[] = [];
	readonly #software: string;
	readonly #onLog: (entry: LogEntry) => void;
	readonly #keptText: (text: string) => string;
	readonly #onOutput: (label: string, line: string) => void;
	readonly #bus: EventBus;
	readonly #events: PluginEvents;
	readonly #eventStreams: EventStreams;
	/** By id, the manifests of plugins that are being started in this process, or run there. */
	readonly #embedding = new Map<string, PluginManifest>();
	readonly #services = new ServiceTable('the orchestrator', ownErrorResponse);
	readonly #identity: IdentitySource | undefined;
	readonly #nodes: readonly string[];
	readonly #operators: readonly string[];
	readonly #manifestRule: ManifestRule;
	/** Whether a plugin is being started: one whose slot does not know it yet may call already. */
	#isStartingAny = false;
	/** Name on the certificate with which it listens. */
	#listensAs: string | undefined;
	readonly #listening = new Set<(change: OrchestratorChange) => void>();
	#interceptors: Interceptor[] = [];
	#observers: readonly CallObserver[] = [];
	#serve: ExchangeHandler;
	readonly #supervisor: Supervisor;
	#stopping: Promise<void> | undefined;
	/** Whether calls from outside are refused: a stop has begun. */
	#closed = false;

	constructor(options: OrchestratorOptions = {}) {
		this.#identity = options.identity;
		this.#nodes = options.nodes ?? [];
		this.#operators = options.operators ?? [];
		this.#software = options.software ?? softwareName;
		this.#onLog = options.onLog ?? (() => {});
		this.#keptText = options.keptText ?? ((text) => text);
		this.#onOutput = options.onOutput ?? (() => {});
		const warn = (plugin: string, message: string) => this.#log({ level: 'warn', plugin, message });
		this.#table = new RoutingTable(options, (message, winner) => warn(winner.id, message));
		this.#manifestRule = new ManifestRule({
			strict: options.strict ?? false,
			target: (request) => this.#table.find(request)?.known?.manifest,
			onUndeclared: warn,
		});
		this.#bus = options.bus ?? new MemoryEventBus(warn);
		this.#events = new PluginEvents(this.#bus, warn, (id) => this.#isStarting(id));
		this.#eventStreams = new EventStreams(this.#bus);
		this.provide(this.#eventStreams.service);
		this.#serve = this.#route;
		if (telemetry()) recordRoutes(this);
		this.catalogue = new Catalogue(() => this.#table.listTools().tools ?? []);
		this.#services.add(serveCatalogue(this.catalogue));
		this.sessions = new SessionHost(
			{
				peers: () => this.#table.slots.flatMap((slot) => sessionPeer(slot) ?? []),
				peer: (id) => sessionPeer(this.#table.get(id)),
				answers: (caller, session) =>
					this.#table
						.get(caller)
						?.underWay()
						.some(
							({ exchange: { request } }) => (request.toolCall ?? request.streamStart)?.sessionId === session,
						) ?? false,
				route: (exchange) => this.#route(exchange),
				intercept: (interceptor) => this.intercept(interceptor),
				publish: (source, topic, payload, traceParent) =>
					this.#bus.publish({ topic, eventType: '', payload, source, ...traceOf(traceParent) }),
				warn,
			},
			options.sessions,
		);
		this.provide(this.sessions.service);
		this.#supervisor = new Supervisor(
			(entry) => this.#log(entry),
			(slot) => this.#tell({ kind: 'health', slot }),
		);
	}

	/** The places of its plugins, in the order in which they were added; a plugin there may run or not. */
	get slots(): readonly PluginSlot[] {
		return this.#table.slots;
	}

	/** The plugins that are running, in the order in which they were added. */
	get plugins(): readonly HostedPlugin[] {
		return this.#table.slots.flatMap(({ plugin }) => plugin ?? []);
	}

	/** Addresses at which it listens. */
	get addresses(): Address[] {
		return this.#listeners.map((listener) => listener.address);
	}

	/** The listeners themselves: how many are connected to each. */
	get listeners(): readonly Listener[] {
		return this.#listeners;
	}

	/** Subscriptions of its plugins, and then of its clients, by the names on their certificates. */
	get subscriptions(): { plugin: string; topics: string[]; missed: number }[] {
		return [...this.#events.list(), ...this.#eventStreams.list()];
	}

	/** Bus that carries its events. */
	get bus(): EventBus {
		return this.#bus;
	}

	/** The calls that plugins have not ended. */
	get callsUnderWay(): CallUnderWay[] {
		return callsUnderWay(this.#table.slots);
	}

	/** The slot of an id: a configured one, or a plugin's own. */
	slot(id: string): PluginSlot | undefined {
		return this.#table.get(id);
	}

	/**
	 * Adds a plugin and starts it. The slot is there at once, starting; it stays where the start fails, so that it can be started
	 * again.
	 *
	 * @throws OrchestraError `duplicate_plugin` where another slot has the configured id, `shutting_down`
	 */
	add(source: PluginSource, policy: SlotPolicy = {}): PluginSlot {
		if (this.#stopping) throw this.#shuttingDown();
		const slot = new PluginSlot(source, this.#slotOwner, policy);
		this.#table.add(slot, policy.id);
		void slot.start().then(
			// Its names are known now: it rests until somebody calls it.
			() => (policy.startOnCall ? slot.rest('it is started when it is called') : undefined),
			() => {},
		);
		return slot;
	}

	/**
	 * Boots a plugin in this process and routes to it.
	 *
	 * @param config handed to its OnBoot hook
	 * @throws OrchestraError `boot_failed`, `duplicate_plugin`, `duplicate_tool`, `invalid_schema`; the plugin is not added then
	 */
	embed(plugin: Plugin, config: Readonly<Record<string, string>> = {}): Promise<HostedPlugin> {
		return this.host(embedded(plugin, { config }));
	}

	/**
	 * Adds a plugin and waits until it runs. Where its start fails it is not added.
	 *
	 * @throws OrchestraError as {@link add} and {@link PluginSlot.start}
	 */
	async host(source: PluginSource, policy: SlotPolicy = {}): Promise<HostedPlugin> {
		const slot = this.add(source, policy);
		try {
			return await slot.start();
		} catch (error) {
			await this.remove(slot);
			throw error;
		}
	}

	/** Stops a plugin and forgets it, with everything that it provides. */
	async remove(which: PluginSlot | string): Promise<void> {
		const slot = typeof which === 'string' ? this.#table.get(which) : which;
		if (!slot) return;
		this.#supervisor.remove(slot);
		await slot.stop();
		this.#table.remove(slot);
		this.#events.follow(slot);
		this.#tell({ kind: 'plugin_removed', slot });
	}

	/** A connection from this process, under the name of the caller. */
	connect(callerName: string, { forwards = false }: ConnectOptions = {}): Connection {
		const handler = forwards ? this.#handleForwarded : this.handle;
		return connectInProcess(handler, { callerName, plugin: 'orchestrator' });
	}

	/** Adds a service, or replaces the one of its name. Every peer of the CA can call it: a method checks its caller itself. */
	provide(service: ServedService): void {
		this.#services.add(service);
	}

	/**
	 * Adds an interceptor behind those that are there. Without any, a call costs nothing more.
	 *
	 * @returns what removes it
	 */
	intercept(interceptor: Interceptor): () => void {
		this.#interceptors = [...this.#interceptors, interceptor];
		this.#composeServe();
		return () => {
			this.#interceptors = this.#interceptors.filter((other) => other !== interceptor);
			this.#composeServe();
		};
	}

	/**
	 * Shows an observer each exchange from now on, those too that an interceptor refuses. Without any, a call costs nothing more.
	 *
	 * @returns what ends it
	 */
	observeCalls(observer: CallObserver): () => void {
		this.#observers = [...this.#observers, observer];
		this.#composeServe();
		return () => {
			this.#observers = this.#observers.filter((other) => other !== observer);
			this.#composeServe();
		};
	}

	/**
	 * Calls back at each change from now on. The listener must not throw.
	 *
	 * @returns what ends it
	 */
	onChange(listener: (change: OrchestratorChange) => void): () => void {
		this.#listening.add(listener);
		return () => this.#listening.delete(listener);
	}

	/**
	 * Serves peers at an address. Every peer needs a certificate of the same CA, and may not be revoked.
	 *
	 * @param identity one that stays, or a source, which the listener follows and the caller closes. Default: the orchestrator's own
	 * @throws OrchestraError `certificate_missing` where it has none; see {@link Carrier.listen}
	 */
	async listen(
		address: Address,
		identity: Identity | IdentitySource | undefined = this.#identity,
	): Promise<Listener> {
		if (!identity) throw new OrchestraError('certificate_missing', 'the orchestrator has no identity');
		this.#listensAs ??= identitySource(identity).current.name;
		const warn = (message: string) => this.#onLog({ level: 'warn', plugin: 'orchestrator', message });
		const listener = await listenWithSource(address, {
			source: identitySource(identity),
			handler: this.handle,
			onRefused: (peer, reason) => warn(`refused ${peer.name} at ${peer.address}: ${reason.message}`),
			onGone: (peer) => this.registrations.gone(peer),
			onProblem: (error) => warn(`a new certificate cannot be used: ${error.message}`),
		});
		this.#listeners.push(listener);
		this.#tell({ kind: 'listening', address: listener.address });
		return listener;
	}

	/**
	 * Takes no more calls from outside, lets those under way end, stops the plugins, those that others need after these others, and
	 * closes the listeners. Never rejects; calls share one stop, with the options of the first.
	 */
	stop(options: StopOptions = {}): Promise<void> {
		this.#stopping ??= this.#stop(options);
		return this.#stopping;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop();
	}

	async #stop({ graceMs = defaultStopGraceMs, onWait }: StopOptions): Promise<void> {
		this.#closed = true;
		this.#supervisor.close();
		this.#tell({ kind: 'stopping' });
		this.#eventStreams.end(this.#shuttingDown());
		const { callsUnderWay: calls } = this;
		if (calls.length > 0 && graceMs > 0) {
			onWait?.(calls, graceMs);
			await drained(calls, graceMs);
		}
		await this.sessions.stop();
		// The listeners stay until the plugins are done: the last answers, and the plugins' own calls, go through them.
		await stopInOrder(this.#table.slots);
		for (const slot of this.#table.slots) this.#table.remove(slot);
		await Promise.all(this.#listeners.map((listener) => listener.close({ graceMs: lastAnswersMs })));
		this.#identity?.close();
	}

	readonly #slotOwner: SlotOwner = {
		host: (slot) => ({
			address: pluginAddress(this.addresses),
			name: this.#listensAs,
			registrations: this.registrations,
			serve: this.handle,
			connect: (manifest) => {
				const { id = '' } = manifest;
				const connection = this.connect(id);
				this.#embedding.set(id, manifest);
				void connection.closed.then(() => {
					// It may be another's by now, which has taken its place.
					if (this.#embedding.get(id) === manifest) this.#embedding.delete(id);
				});
				return connection;
			},
			reserved: (id) => this.#reserved(id, slot),
			log: (entry) => {
				slot.log.add(entry.level, this.#keptText(formatLogEntry(entry)));
				this.#onLog(entry);
			},
			output: (label, line) => {
				const entry = readLogLine(line, slot.id);
				if (entry) {
					slot.log.add(entry.level, this.#keptText(formatLogEntry(entry)));
					this.#onLog(entry);
					return;
				}
				slot.log.add('output', this.#keptText(line));
				this.#onOutput(slot.known ? slot.id : label, line);
			},
		}),
		claim: (slot, plugin) => {
			if (this.#stopping) throw this.#shuttingDown();
			this.#table.claim(slot, plugin);
		},
		changed: (slot) => {
			this.#events.follow(slot);
			this.#isStartingAny = this.#table.slots.some(({ state }) => state === 'starting');
			if (slot.state === 'crashed' || slot.state === 'exited') {
				this.#log({ level: 'error', plugin: slot.id, message: slot.unavailable.message });
			} else if (slot.state === 'unavailable') {
				this.#log({ level: 'warn', plugin: slot.id, message: slot.unavailable.message });
			}
			this.#tell({ kind: 'plugin', slot });
			this.#supervisor.changed(slot);
		},
	};

	/** Logs what is to be said of a plugin. */
	#log(entry: LogEntry): void {
		if (entry.plugin) {
			this.#table.get(entry.plugin)?.log.add(entry.level, this.#keptText(formatLogEntry(entry)));
		}
		this.#onLog(entry);
	}

	#tell(change: OrchestratorChange): void {
		for (const listener of this.#listening) listener(change);
	}

	#shuttingDown(): OrchestraError {
		return new OrchestraError('shutting_down', 'the orchestrator is stopping', {
			retryable: true,
			hint: 'Call again when it is back.',
		});
	}

	/** The slot whose plugin a peer is, by its certificate: the plugin's own, or that of its client side. */
	#slotOf(name: string): PluginSlot | undefined {
		const own = this.#table.get(name);
		if (own?.pluginId === name) return own;
		if (!name.endsWith('-client')) return undefined;
		const id = name.slice(0, -'-client'.length);
		const slot = this.#table.get(id);
		return slot?.pluginId === id ? slot : undefined;
	}

	/** Serves one exchange of a peer. Who calls and who publishes is what the peer's certificate says, whatever the message says. */
	readonly handle = (exchange: IncomingExchange): void => {
		const { request, peer } = exchange;
		if (this.#nodes.length > 0 && this.#nodes.some((pattern) => matchesName(pattern, peer.name))) {
			this.#handleForwarded(exchange);
			return;
		}
		if (request.cluster) {
			exchange.finish(ownErrorResponse(request, notANode(peer.name)));
			return;
		}
		const slot = this.#slotOf(peer.name);
		const caller = slot?.id ?? peer.name;
		const call = request.toolCall ?? request.streamStart;
		if (call) {
			call.callerPlugin = caller;
			if (call.via) {
				const cycle = callCycle(call.via, call.toolName ?? '');
				if (cycle) {
					for (const observer of this.#observers) observer.arrived(exchange);
					exchange.finish(ownErrorResponse(request, cycle));
					return;
				}
			}
		} else if (request.publish) request.publish.sourcePlugin = caller;
		else if (request.serviceCall) request.serviceCall.caller = caller;
		const asking = slot ? slotAsks(slot) : this.#isStartingAny ? this.#startingAsks(peer.name) : undefined;
		if (asking) {
			const isAnother = slot !== undefined && this.#isAllowedToAnother(slot, peer.name, request);
			const refusal = isAnother ? undefined : this.#manifestRule.refusal(asking, request);
			if (refusal) {
				exchange.finish(ownErrorResponse(request, refusal));
				return;
			}
		}
		// A call that is part of one under way is still served while that one is waited for.
		if (this.#closed && !slot) exchange.finish(ownErrorResponse(request, this.#shuttingDown()));
		else this.#serve(exchange);
	};

	/** Serves one exchange of a front end, or of another orchestrator, which may say for whom it asks. */
	readonly #handleForwarded = (exchange: IncomingExchange): void => {
		const { request, peer } = exchange;
		const call = request.toolCall ?? request.streamStart;
		if (call) call.callerPlugin ||= peer.name;
		else if (request.publish) request.publish.sourcePlugin ||= peer.name;
		else if (request.serviceCall) request.serviceCall.caller ||= peer.name;
		if (this.#closed) exchange.finish(ownErrorResponse(request, this.#shuttingDown()));
		else this.#serve(exchange);
	};

	readonly #route = (exchange: IncomingExchange): void => {
		const { request } = exchange;
		try {
			const slot = this.#table.route(request);
			routeLog?.(
				`${describeRequest(request)} of ${JSON.stringify(exchange.peer.name)} to ${slot ? JSON.stringify(slot.id) : 'the orchestrator'}`,
			);
			if (!slot) this.#answer(exchange);
			else {
				if (this.#observers.length > 0) this.#tellRouted(exchange, slot);
				slot.handle(exchange);
			}
		} catch (error) {
			// While it stops, what is missing is missing for that.
			const told = this.#stopping ? this.#shuttingDown() : OrchestraError.from(error, 'internal');
			exchange.finish(ownErrorResponse(request, told));
		}
	};

	/** Puts observers before interceptors, and these before the routes. */
	#composeServe(): void {
		const serve = intercepted(this.#interceptors, this.#route);
		const observers = this.#observers;
		if (observers.length === 0) this.#serve = serve;
		else
			this.#serve = (exchange) => {
				for (const observer of observers) observer.arrived(exchange);
				serve(exchange);
			};
	}

	#tellRouted(exchange: IncomingExchange, slot: PluginSlot): void {
		for (const observer of this.#observers) observer.routed(exchange, slot);
	}

	/** Answers what is for the orchestrator itself. */
	#answer(exchange: IncomingExchange): void {
		const { request, peer } = exchange;
		if (request.publish) {
			const { topic = '', eventType = '', payload, sourcePlugin: source = '' } = request.publish;
			this.#bus.publish({ topic, eventType, payload, source, ...traceOf(request.traceParent) });
			exchange.finish({});
		} else if (request.register) {
			exchange.finish({ register: this.registrations.take(request.register, peer) });
		} else if (request.serviceCall) {
			this.#services.handle(exchange, request.serviceCall);
		} else if (request.subscribe) {
			const { subscriptionId = '', topic = '' } = request.subscribe;
			this.#events.subscribe(this.#slotOf(peer.name), this.#pluginId(peer.name), request.subscribe);
			exchange.finish({ eventDelivery: { subscriptionId, topic } });
		} else if (request.unsubscribe) {
			const { subscriptionId = '' } = request.unsubscribe;
			this.#events.unsubscribe(this.#slotOf(peer.name), this.#pluginId(peer.name), subscriptionId);
			exchange.finish({});
		} else answerOwnRequest(exchange, this.#table, this.#software);
	}

	/** Reason why a plugin that says its id itself cannot have that one: it is another's, or has rights that come with the name; undefined for none. */
	#reserved(id: string, slot: PluginSlot): string | undefined {
		const other = this.#table.slots.find((one) => one !== slot && (one.id === id || one.pluginId === id));
		if (other) return `it is the id of ${other.source.label}`;
		const privileged = [...this.#operators, ...this.#nodes].some((pattern) => matchesName(pattern, id));
		return privileged ? 'the name has rights under access' : undefined;
	}

	/** Whether the manifest allows it of a plugin that is about to take the place of a slot's, or leaves it: peers go by one name. */
	#isAllowedToAnother(slot: PluginSlot, name: string, request: PluginRequest): boolean {
		if (!slot.swapping && !slot.isLeft) return false;
		const next = slot.swapping ? this.#startingAsks(name) : undefined;
		if (next && this.#manifestRule.allows(next, request)) return true;
		return slot.leaving.some(({ id, manifest, extensions }) =>
			this.#manifestRule.allows({ id, manifest, isCore: !extensions }, request),
		);
	}

	/** The plugin that a peer is whose start is under way; undefined where it is none. */
	#startingAsks(name: string): AskingPlugin | undefined {
		const embedding = this.#embedding.get(name);
		if (embedding) return { id: name, manifest: embedding, isCore: false };
		// A plugin that was given its certificate at this start, and has not said what it needs, needs nothing.
		if (!this.registrations.isStarted(name)) return undefined;
		return { id: name, manifest: this.registrations.get(name) ?? { id: name }, isCore: false };
	}

	/** Whether a plugin of that own id is being started: in this process, or in another, which has registered before it runs. */
	#isStarting(id: string): boolean {
		if (this.#embedding.has(id)) return true;
		const starts = ({ state, swapping, pluginId = id }: PluginSlot) =>
			(state === 'starting' || swapping) && pluginId === id;
		return this.registrations.knows(id) && this.#table.slots.some(starts);
	}

	/** The id of the plugin that a peer is by its certificate: its own, or that of its client side. */
	#pluginId(name: string): string {
		const slot = this.#slotOf(name);
		if (slot?.pluginId !== undefined) return slot.pluginId;
		return name.endsWith('-client') && !this.registrations.knows(name)
			? name.slice(0, -'-client'.length)
			: name;
	}
}

/** Only nodes may say which plugin is meant, and for whom they call. */
function notANode(name: string): OrchestraError {
	return new OrchestraError(
		'permission_denied',
		`${name || 'a caller without a certificate'} is no node here`,
		{
			hint: `Add its certificate to access.nodes, if it is an orchestrator of this cluster.`,
			details: { caller: name },
		},
	);
}

/** Manifest that a plugin with a slot is held to. */
/** A plugin as sessions see it; undefined where it does not run, or speaks the core protocol only. */
function sessionPeer(slot: PluginSlot | undefined): SessionPeer | undefined {
	return slot?.plugin?.extensions ? { id: slot.id, connection: slot.plugin.connection } : undefined;
}

function slotAsks(slot: PluginSlot): AskingPlugin | undefined {
	const { known } = slot;
	return known && { id: slot.id, manifest: known.manifest, isCore: !known.extensions };
}

/** Absent stays absent: most have none. */
function traceOf(traceParent: string | undefined): { traceParent?: string } {
	return traceParent ? { traceParent } : {};
}

/** A log entry as a line. */
function formatLogEntry({ message, fields }: LogEntry): string {
	return fields && Object.keys(fields).length > 0 ? `${message} ${JSON.stringify(fields)}` : message;
}
