import type { ExchangeUnderWay } from '../carrier/exchanges-under-way.ts';
import type { IncomingExchange } from '../carrier/incoming-exchange.ts';
import type { Health } from '../client/listings.ts';
import { formatExit } from '../platform/exit-status.ts';
import { settlesWithin } from '../platform/settles-within.ts';
import type { PluginRequest, PluginStatus } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { drained } from './drained.ts';
import type { HostedPlugin, PluginEnd } from './hosted-plugin.ts';
import { ownErrorResponse } from './own-error-response.ts';
import { PluginLog } from './plugin-log.ts';
import type { PluginHost, PluginSource } from './plugin-source.ts';
import type { SupervisionPolicy } from './supervision/supervision-policy.ts';

/**
 * State of a slot. `failed`: its last start failed. `exited` and `crashed`: its plugin ended by itself, without or with a fault.
 * `unavailable`: another host ran it, and nobody does now.
 */
export type SlotState =
	| 'starting'
	| 'running'
	| 'stopping'
	| 'stopped'
	| 'exited'
	| 'crashed'
	| 'failed'
	| 'unavailable';

/** Milliseconds that a start may take, whatever its source does. */
export const defaultStartTimeoutMs = 60_000;

/** Milliseconds that a core peer gets to register where its names collide: its registration may tell them apart. */
const lateRegistrationMs = 5_000;

/** Hint of errors about a plugin that does not run yet, and will without anybody's doing. */
export const untilItRuns = 'Call again when it runs; orchestra ps shows how the plugins stand.';

/** States that a plugin stays in until somebody starts it. */
const resting: ReadonlySet<string> = new Set(['stopped', 'exited', 'failed']);

/** Options of hosting a plugin. */
export interface SlotPolicy {
	/** Name of the plugin in routes, in rules and for people. Default: the plugin's own id. */
	readonly id?: string | undefined;
	/** Milliseconds that a start may take in all; `Infinity` for no limit. Default {@link defaultStartTimeoutMs}. */
	readonly startTimeoutMs?: number | undefined;
	/**
	 * Promise that has to settle before the plugin takes its names: plugins that start at the same time take theirs in a fixed order then, so
	 * that of two with one name always the same is refused. Default: nothing.
	 */
	readonly claimAfter?: Promise<unknown> | undefined;
	/** Policy for keeping it running. Default: it is not started again. */
	readonly supervision?: SupervisionPolicy | undefined;
	/** Whether a call starts it where it rests. It is started once all the same, so that its names are known. Default false. */
	readonly startOnCall?: boolean | undefined;
	/** Milliseconds without a call after which it is stopped, to be started by the next. Default: never. */
	readonly idleStopMs?: number | undefined;
}

/** Milliseconds that the calls under way get to end on a plugin whose place another has taken. */
export const defaultDrainMs = 10 * 60_000;

/** Options of replacing a plugin. */
export interface SwapOptions {
	/** Milliseconds that calls under way get to end where they began. Default {@link defaultDrainMs}. */
	readonly drainMs?: number | undefined;
	/** Called when the former plugin has been stopped, with the number of calls that it did not end in time. */
	readonly onLeft?: ((cut: number) => void) | undefined;
}

/** Health of a plugin, as far as a slot keeps it. */
type NotedHealth = Pick<Health, 'status' | 'loopLagMs' | 'memoryBytes'>;

/** Services that a slot needs of its orchestrator. */
export interface SlotOwner {
	host(slot: PluginSlot): Omit<PluginHost, 'expectedId' | 'replaces'>;
	/**
	 * Takes the names that a plugin provides for its slot; those that the slot had before go.
	 *
	 * @throws OrchestraError `duplicate_plugin`, `duplicate_tool`, …; nothing has changed then
	 */
	claim(slot: PluginSlot, plugin: HostedPlugin): void;
	/** Called when the state, or what the plugin provides, has changed. */
	changed(slot: PluginSlot): void;
}

/**
 * The place of one plugin in an orchestrator. The plugin in it may end and be started again; the slot keeps its id and its names, and
 * answers for it meanwhile.
 */
export class PluginSlot {
	readonly source: PluginSource;
	readonly policy: SlotPolicy;
	/** Lines that it logged and printed, over all its starts. */
	readonly log = new PluginLog();
	readonly #owner: SlotOwner;
	#state: SlotState = 'stopped';
	#reason = '';
	#since = Date.now();
	#starts = 0;
	/** The plugin that runs; undefined where none does. */
	#plugin: HostedPlugin | undefined;
	/** The plugin that ran last: what it provides is still known. */
	#last: HostedPlugin | undefined;
	#starting: { readonly done: Promise<HostedPlugin>; readonly controller: AbortController } | undefined;
	#swapping = false;
	/** Plugins whose place another has taken, and which still have calls to end; each with what waits for that no longer. */
	readonly #leaving = new Map<HostedPlugin, { readonly hurry: () => void; readonly left: Promise<void> }>();
	#stopping: Promise<void> | undefined;
	/** Whether a call may start it: it was stopped because nobody called it. */
	#resting = false;
	/** The id of the plugin that it started last, which may have been refused its names. */
	#saidId: string | undefined;
	/** Error of its last start; undefined where it did not fail, or nobody is to try again. */
	#failure: OrchestraError | undefined;
	/** Reason why it is stopped, where that is a fault of its own. */
	#fault: string | undefined;
	#lastCall = Date.now();
	#health: (NotedHealth & { readonly latencyMs: number }) | undefined;

	constructor(source: PluginSource, owner: SlotOwner, policy: SlotPolicy = {}) {
		this.source = source;
		this.#owner = owner;
		this.policy = policy;
	}

	/** Name in routes and rules: the configured id, else its own; the source's label before it has said that. */
	get id(): string {
		return this.policy.id ?? this.pluginId ?? this.source.label;
	}

	/** The plugin's own id, which its certificate carries; undefined before it has said it for the first time. */
	get pluginId(): string | undefined {
		return this.#last?.id ?? this.#saidId;
	}

	get state(): SlotState {
		return this.#state;
	}

	/** The plugin, while it runs. */
	get plugin(): HostedPlugin | undefined {
		return this.#plugin;
	}

	/** The plugin that ran last, running or not: for what it provides. */
	get known(): HostedPlugin | undefined {
		return this.#last;
	}

	/** Error of its last start; undefined where it did not fail, and where it was given up. */
	get failure(): OrchestraError | undefined {
		return this.#failure;
	}

	/** When it was called last, in milliseconds of Date.now(); kept where {@link SlotPolicy.idleStopMs} asks for it. */
	get lastCall(): number {
		return this.#lastCall;
	}

	/** Whether another plugin is being started that will take the place of the one that runs. */
	get swapping(): boolean {
		return this.#swapping;
	}

	/** Whether there are any that {@link leaving} names. */
	get isLeft(): boolean {
		return this.#leaving.size > 0;
	}

	/** The plugins that end the calls which they have, and get no more: another has taken their place. */
	get leaving(): HostedPlugin[] {
		return [...this.#leaving.keys()];
	}

	/** The exchanges that its plugin has not ended, nor those whose place that has taken. */
	underWay(): readonly ExchangeUnderWay[] {
		const running = this.#plugin?.underWay() ?? [];
		if (this.#leaving.size === 0) return running;
		return [...this.leaving.flatMap((plugin) => plugin.underWay()), ...running];
	}

	/** Its state, for people and programs. */
	get status(): PluginStatus {
		const since = { seconds: Math.floor(this.#since / 1000), nanos: (this.#since % 1000) * 1_000_000 };
		return {
			id: this.id,
			pluginId: this.pluginId ?? '',
			state: this.#state,
			reason: this.#reason,
			source: this.source.kind,
			label: this.source.label,
			since,
			starts: this.#starts,
			pid: this.#plugin?.pid ?? 0,
			health: this.#plugin ? (this.#health?.status ?? '') : '',
			latencyMs: this.#plugin ? (this.#health?.latencyMs ?? 0) : 0,
			loopLagMs: this.#plugin ? (this.#health?.loopLagMs ?? 0) : 0,
			memoryBytes: this.#plugin ? (this.#health?.memoryBytes ?? 0) : 0,
		};
	}

	/** Error for a call that cannot be served now, in a sentence that names the plugin. */
	get unavailable(): OrchestraError {
		const { id } = this;
		const why = {
			starting: 'is being started',
			running: 'runs',
			stopping: 'is being stopped',
			stopped: 'is stopped',
			exited: 'has ended',
			crashed: 'has ended',
			failed: 'could not be started',
			unavailable: 'cannot be reached',
		}[this.#state];
		return new OrchestraError(
			'plugin_unavailable',
			`plugin ${id} ${why}${this.#reason ? `: ${this.#reason}` : ''}`,
			{
				retryable: true,
				hint: resting.has(this.#state)
					? `orchestra start ${id} starts it; orchestra ps shows how the plugins stand.`
					: untilItRuns,
				details: { plugin: id, state: this.#state },
			},
		);
	}

	/**
	 * Starts the plugin, where it does not run. Calls at the same time share one start.
	 *
	 * @throws OrchestraError what the source throws; `start_failed` where it takes too long, or the plugin ends meanwhile;
	 * `identity_mismatch` where it is another plugin than before; `duplicate_plugin`, `duplicate_tool`. Nothing runs then.
	 */
	start(): Promise<HostedPlugin> {
		if (this.#plugin && this.#state === 'running') return Promise.resolve(this.#plugin);
		return this.#starting?.done ?? this.#begin((controller) => this.#start(controller));
	}

	/**
	 * Starts the source's plugin anew beside the one that runs, and lets it take its place: every call from then on is its own, while
	 * those under way end where they began. Where nothing runs, it is started. Where the new one cannot be started, the one that runs
	 * goes on.
	 *
	 * @throws OrchestraError as {@link start}; `cancelled` where the slot is stopped meanwhile
	 */
	swap(options: SwapOptions = {}): Promise<HostedPlugin> {
		const under = this.#starting;
		if (under) {
			const after = () => this.swap(options);
			return under.done.then(after, after);
		}
		const plugin = this.#plugin;
		if (!plugin || this.#state !== 'running') return this.start();
		return this.#begin((controller) => this.#swap(plugin, controller, options));
	}

	/** Begins a start, behind a stop under way. */
	#begin(work: (controller: AbortController) => Promise<HostedPlugin>): Promise<HostedPlugin> {
		const controller = new AbortController();
		const done = (this.#stopping ?? Promise.resolve()).then(() => work(controller));
		const starting = { done, controller };
		this.#starting = starting;
		done.catch(() => {});
		const over = () => {
			if (this.#starting === starting) this.#starting = undefined;
		};
		done.then(over, over);
		return done;
	}

	/** Stops the plugin, or gives up its start. Never rejects; calls share one stop. */
	stop(): Promise<void> {
		// Also one that waits for a stop under way.
		this.#starting?.controller.abort(startGivenUp(this.id));
		this.#resting = false;
		for (const { hurry } of this.#leaving.values()) hurry();
		this.#stopping ??= this.#stop().finally(() => {
			this.#stopping = undefined;
		});
		return this.#stopping;
	}

	/** Stops the plugin because nobody calls it; the next call starts it. Never rejects. */
	async rest(reason: string): Promise<void> {
		if (!this.#plugin) return;
		const stopped = this.stop();
		this.#resting = true;
		await stopped;
		const { state } = this;
		if (this.#resting && state === 'stopped') this.#change(state, `${reason}; the next call starts it`);
	}

	/** Ends a plugin that does not do its work: it counts as crashed. Never rejects. */
	async replace(fault: string): Promise<void> {
		const plugin = this.#plugin;
		if (!plugin) return;
		this.#fault = fault;
		await plugin.stop();
		await plugin.ended;
	}

	/** Counts a plugin that does not run as failed, with the reason. */
	giveUp(reason: string): void {
		if (this.#plugin) return;
		this.#failure = undefined;
		this.#change('failed', reason);
	}

	/** Notes what the plugin said of its health, and how long that took. */
	noteHealth({ status, loopLagMs = 0, memoryBytes = 0 }: NotedHealth, latencyMs: number): void {
		this.#health = { status, loopLagMs, memoryBytes, latencyMs: Math.round(latencyMs * 1000) / 1000 };
	}

	/** Stops the plugin and starts it anew. @throws OrchestraError as {@link start} */
	async restart(): Promise<HostedPlugin> {
		await this.stop();
		return this.start();
	}

	/** Serves an exchange that is meant for this plugin. */
	handle(exchange: IncomingExchange): void {
		const plugin = this.#plugin;
		if (this.policy.idleStopMs !== undefined) this.#lastCall = Date.now();
		if (!plugin || (this.#resting && this.#state === 'stopping')) {
			if (this.#resting || (this.#starting && this.policy.startOnCall)) this.#startFor(exchange);
			else exchange.finish(ownErrorResponse(exchange.request, this.unavailable));
			return;
		}
		if (plugin.id !== this.policy.id && this.policy.id !== undefined) {
			addressTo(exchange.request, plugin.id);
		}
		plugin.handle(exchange);
	}

	/** Starts the plugin for a call that waits for it. */
	#startFor(exchange: IncomingExchange): void {
		this.start().then(
			() => this.handle(exchange),
			() => exchange.finish(ownErrorResponse(exchange.request, this.unavailable)),
		);
	}

	async #start(controller: AbortController): Promise<HostedPlugin> {
		if (controller.signal.aborted) throw startGivenUp(this.id);
		const expectedId = this.#last?.id;
		// Returns of a plugin that another host runs are no starts.
		if (this.#starts === 0 || !this.source.notOurs?.()) this.#starts++;
		this.#resting = false;
		this.#health = undefined;
		this.#failure = undefined;
		this.#change('starting');
		let running: HostedPlugin;
		try {
			running = await this.#startSource(expectedId, controller);
		} catch (error) {
			const known = OrchestraError.from(error, 'start_failed', `${this.id} could not be started`);
			if (controller.signal.aborted && known.code === 'cancelled') this.#change('stopped');
			else {
				this.#failure = known;
				this.#change('failed', known.message);
			}
			throw known;
		}
		this.#run(running);
		this.#change('running');
		return running;
	}

	async #swap(
		before: HostedPlugin,
		controller: AbortController,
		{ drainMs = defaultDrainMs, onLeft }: SwapOptions,
	): Promise<HostedPlugin> {
		if (controller.signal.aborted) throw startGivenUp(this.id);
		this.#starts++;
		this.#swapping = true;
		let plugin: HostedPlugin;
		try {
			plugin = await this.#startSource(before.id, controller, before.id);
		} catch (error) {
			this.#swapping = false;
			// It may have taken its names, and ended.
			if (this.#plugin) this.#reclaim(this.#plugin);
			this.#owner.changed(this);
			throw OrchestraError.from(error, 'start_failed', `${this.id} could not be started anew`);
		}
		this.#swapping = false;
		if (this.#plugin === before) this.#leave(before, drainMs, onLeft);
		this.#run(plugin);
		this.#health = undefined;
		this.#state = 'running';
		this.#reason = '';
		this.#since = Date.now();
		this.#owner.changed(this);
		return plugin;
	}

	/** Lets a plugin end the calls that it has, and stops it then. */
	#leave(plugin: HostedPlugin, drainMs: number, onLeft: SwapOptions['onLeft']): void {
		let hurry: () => void = () => {};
		const hurried = new Promise<void>((resolve) => {
			hurry = resolve;
		});
		if (this.#stopping) hurry();
		const leave = async () => {
			const over = Promise.race([hurried, plugin.ended]);
			await drained(plugin.underWay(), drainMs, over);
			const cut = plugin.underWay().length;
			await plugin.stop();
			await plugin.ended;
			this.#leaving.delete(plugin);
			onLeft?.(cut);
		};
		this.#leaving.set(plugin, { hurry, left: leave() });
	}

	/** Starts the source and takes the names of its plugin; where that fails nothing of it is left. */
	async #startSource(
		expectedId: string | undefined,
		controller: AbortController,
		replaces?: string,
	): Promise<HostedPlugin> {
		let plugin: HostedPlugin | undefined;
		try {
			plugin = await this.#settle(
				this.source.start({ ...this.#owner.host(this), expectedId, replaces }, controller.signal),
				controller,
			);
			if (expectedId !== undefined && plugin.id !== expectedId) {
				throw new OrchestraError(
					'identity_mismatch',
					`${this.id} was plugin ${expectedId} and is now ${plugin.id}`,
					{
						hint: 'Restart the host to take another plugin, or put the former one back.',
						details: { expected: expectedId, got: plugin.id },
					},
				);
			}
			await this.policy.claimAfter?.catch(() => {});
			this.#saidId = plugin.id;
			await this.#claim(plugin);
			return plugin;
		} catch (error) {
			await plugin?.stop();
			throw error;
		}
	}

	/** Lets a plugin that has its names serve. */
	#run(running: HostedPlugin): void {
		this.#tellChanges(running);
		this.#plugin = running;
		this.#fault = undefined;
		this.#lastCall = Date.now();
		this.#last = running;
		void running.ended.then((end) => this.#ended(running, end));
		running.onProvidesChange?.(() => {
			if (this.#plugin === running && this.#state === 'running') this.#reclaim(running);
		});
		void running.registered?.then((manifest) => {
			if (manifest && this.#plugin === running && this.#state === 'running') this.#reclaim(running);
		});
	}

	/** Waits for a source's start, within the time for it; a plugin that it starts later is stopped. */
	async #settle(starting: Promise<HostedPlugin>, controller: AbortController): Promise<HostedPlugin> {
		const timeoutMs = this.policy.startTimeoutMs ?? defaultStartTimeoutMs;
		const { signal } = controller;
		let over: () => void = () => {};
		const late = () =>
			controller.abort(
				new OrchestraError('start_failed', `${this.id} did not start within ${timeoutMs} ms`, {
					hint: 'Allow more time, or find out what it waits for.',
					retryable: true,
				}),
			);
		const timer = Number.isFinite(timeoutMs) ? setTimeout(late, timeoutMs) : undefined;
		const aborted = new Promise<undefined>((resolve) => {
			over = () => resolve(undefined);
			signal.addEventListener('abort', over, { once: true });
		});
		try {
			// A source that heeds its signal says itself how it ended, and has cleaned up then.
			const first = await Promise.race([starting, aborted]);
			if (first) return first;
			await settlesWithin(
				starting.then((late) => late.stop()),
				sourceGraceMs,
			);
			throw signal.reason;
		} finally {
			clearTimeout(timer);
			signal.removeEventListener('abort', over);
		}
	}

	/** Takes the plugin's names; where a core peer's collide, its registration may still say that they are a provider's. */
	async #claim(plugin: HostedPlugin): Promise<void> {
		let over: PluginEnd | undefined;
		void plugin.ended.then((end) => {
			over = end;
		});
		try {
			this.#owner.claim(this, plugin);
		} catch (error) {
			const { registered } = plugin;
			if (!registered || !(await settlesWithin(registered, lateRegistrationMs))) throw error;
			this.#owner.claim(this, plugin);
		}
		// One turn, so that an end that has come already is seen.
		await undefined;
		if (over) throw endedEarly(this.id, over);
	}

	#reclaim(plugin: HostedPlugin): void {
		try {
			this.#owner.claim(this, plugin);
		} catch (error) {
			const { code, message } = OrchestraError.from(error, 'internal');
			if (code === 'shutting_down') return;
			this.#owner.host(this).log({
				level: 'warn',
				plugin: this.id,
				message: `what it registered with is not taken: ${message}`,
			});
			return;
		}
		this.#owner.changed(this);
	}

	async #stop(): Promise<void> {
		await this.#starting?.done.catch(() => {});
		const plugin = this.#plugin;
		const left = Promise.all([...this.#leaving.values()].map(({ left }) => left));
		if (!plugin) {
			// The reason for the failure is still worth knowing; the stop ends every further try.
			await left;
			this.#change('stopped', this.#state === 'failed' ? this.#reason : '');
			return;
		}
		this.#change('stopping');
		await plugin.stop();
		await plugin.ended;
		await left;
	}

	#ended(plugin: HostedPlugin, end: PluginEnd): void {
		if (this.#plugin !== plugin) return;
		this.#plugin = undefined;
		if (this.#fault !== undefined && this.#state !== 'stopping') this.#change('crashed', this.#fault);
		else this.#change(end.reason, end.reason === 'stopped' ? '' : endReason(end));
	}

	/** Logs the tools and prompts that a plugin has gained or lost since it ran last. */
	#tellChanges(plugin: HostedPlugin): void {
		const last = this.#last;
		if (!last) return;
		for (const kind of ['tools', 'prompts'] as const) {
			const change = changeOfNames(last[kind], plugin[kind]);
			if (change === undefined) continue;
			const message = `its ${kind} have changed (${change})`;
			this.#owner.host(this).log({ level: 'warn', plugin: this.id, message });
		}
	}

	#change(state: SlotState, reason = ''): void {
		if (this.#state === state && this.#reason === reason) return;
		this.#state = state;
		this.#reason = reason;
		this.#since = Date.now();
		this.#owner.changed(this);
	}
}

/** Milliseconds that a source gets to clean up when its start is given up. */
const sourceGraceMs = 5_000;

function startGivenUp(id: string): OrchestraError {
	return new OrchestraError('cancelled', `the start of ${id} was given up`);
}

function endReason({ exit, error }: PluginEnd): string {
	if (exit) return `its process ended with ${formatExit(exit)}`;
	return error?.message ?? 'it shut itself down';
}

function endedEarly(id: string, end: PluginEnd): OrchestraError {
	return new OrchestraError('start_failed', `${id} ended while it was started: ${endReason(end)}`, {
		cause: end.error,
		retryable: true,
	});
}

/** Calls the plugin by the id that it knows itself by. */
function addressTo(request: PluginRequest, pluginId: string): void {
	const call = request.toolCall ?? request.streamStart ?? request.serviceCall;
	if (call?.plugin) call.plugin = pluginId;
}

/** Names that are new and names that are gone, in words; undefined where they are the same. */
function changeOfNames(before: readonly Named[], now: readonly Named[]): string | undefined {
	const former = new Set(before.map(({ name }) => name));
	const present = new Set(now.map(({ name }) => name));
	const gained = [...present].filter((name) => !former.has(name));
	const lost = [...former].filter((name) => !present.has(name));
	const parts = [
		gained.length > 0 ? `new: ${gained.join(', ')}` : '',
		lost.length > 0 ? `gone: ${lost.join(', ')}` : '',
	];
	return parts.filter(Boolean).join('; ') || undefined;
}

interface Named {
	readonly name?: string;
}
