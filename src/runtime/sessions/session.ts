import { setMaxListeners } from 'node:events';
import type { IncomingExchange } from '../carrier/incoming-exchange.ts';
import type {
	PostPersistAction,
	SessionContext,
	SessionSnapshot,
} from '../services/session-plugin-service.ts';
import type { HookOutcome, SessionInfo } from '../services/sessions-service.ts';
import type { JsonObject, JsonValue } from '../wire/json-value.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { type CallOwner, SessionCall } from './calls/session-call.ts';
import type { OutcomeBuilder } from './hooks/outcome.ts';
import { hasHook, runHooks } from './hooks/run-hooks.ts';
import type { Participant } from './participant.ts';
import type { SessionRuntime } from './session-runtime.ts';

/** Hooks of one session that may be under way at once: plugins that fire at each other come to an end. */
const maxFires = 32;

/** Actions that may wait for the host program to confirm. */
const maxActions = 10_000;

/** One session: its plugins, its calls under way, its hooks. */
export class Session implements CallOwner {
	readonly context: SessionContext;
	/** Certificate that opened it. */
	readonly owner: string;
	readonly participants: readonly Participant[];
	readonly warnings: string[] = [];
	readonly #runtime: SessionRuntime;
	readonly #calls = new Map<string, SessionCall>();
	readonly #now: () => number;
	#actions: (PostPersistAction & { plugin: string })[] = [];
	#fires = 0;
	#lastActive: number;
	#idle = false;
	readonly #closing = new AbortController();
	/** Readers of its end. */
	attached = 0;

	constructor(
		context: SessionContext,
		owner: string,
		participants: readonly Participant[],
		runtime: SessionRuntime,
		now: () => number,
	) {
		this.context = context;
		this.owner = owner;
		this.participants = participants;
		this.#runtime = runtime;
		this.#now = now;
		this.#lastActive = now();
		// Each hook and operation under way listens for the end: with many of them the runtime would warn of a leak.
		setMaxListeners(0, this.#closing.signal);
	}

	get info(): SessionInfo {
		const { context, participants } = this;
		const builds = participants.flatMap(({ id, opened }) =>
			Object.entries(opened.builds).map(([factory, ms]) => [`${id}/${factory}`, ms] as const),
		);
		const late = participants.flatMap(({ warning }) => warning ?? []);
		return {
			id: context.id,
			parent: context.parent ?? '',
			workingDirectory: context.workingDirectory,
			project: context.project,
			plugins: participants.map(({ id }) => id),
			tools: participants.flatMap(({ id, opened }) => opened.tools.map((tool) => ({ ...tool, plugin: id }))),
			hooks: participants.flatMap(({ id, info, opened }) =>
				[...info.hooks, ...opened.hooks].map((hook) => ({ ...hook, plugin: id })),
			),
			operations: participants.flatMap(({ id, info, opened }) =>
				[...info.operations, ...opened.operations].map((operation) => ({ ...operation, plugin: id })),
			),
			builds: Object.fromEntries(builds),
			calls: [...this.#calls.keys()],
			warnings: [...this.warnings, ...late],
		};
	}

	/** Aborts when the session is closed. */
	get signal(): AbortSignal {
		return this.#closing.signal;
	}

	/** Whether a caller may use it. */
	admits(caller: string): boolean {
		return caller === this.owner || this.participants.some(({ id }) => id === caller);
	}

	/** Serves a call in it. */
	call(exchange: IncomingExchange): void {
		this.#touch();
		const call = new SessionCall(exchange, this);
		const id = exchange.request.requestId ?? '';
		// Ids are of connections: of two with one id the later can only be cancelled by its own connection.
		if (!this.#calls.has(id)) {
			this.#calls.set(id, call);
			exchange.onEnd(() => {
				this.#calls.delete(id);
				this.#touch();
			});
		}
		void call.run();
	}

	/** Cancels a call by the id of its request. False where there is none, or it has ended. */
	cancel(id: string): boolean {
		const call = this.#calls.get(id);
		call?.cancel(
			new OrchestraError('cancelled', `call ${id} of session ${this.context.id} was cancelled (cancelled)`),
		);
		return call !== undefined;
	}

	readonly route: CallOwner['route'] = (exchange) => this.#runtime.route(exchange);

	async provider(tool: string): Promise<string | undefined> {
		const found = this.participants.find(({ opened }) => opened.tools.some(({ name }) => name === tool));
		if (found) await this.#awake(found);
		return found?.id;
	}

	async hooks(
		name: 'before_tool_call' | 'after_tool_call',
		data: JsonObject,
		traceParent: string,
	): Promise<OutcomeBuilder | undefined> {
		if (!hasHook(this.participants, name)) return undefined;
		return this.#run(name, data, { traceParent });
	}

	/** Runs the hooks of a name. @param from the plugin that fires it, which does not hear it, and the trace that this is part of */
	async fire(
		name: string,
		data: JsonObject = {},
		from: { readonly sender?: string | undefined; readonly traceParent?: string } = {},
	): Promise<HookOutcome> {
		this.#touch();
		if (this.#fires >= maxFires) {
			throw new OrchestraError(
				'overloaded',
				`session ${this.context.id} runs ${maxFires} hooks already: do plugins fire at each other?`,
			);
		}
		this.#fires++;
		try {
			return (await this.#run(name, data, from)).build();
		} finally {
			this.#fires--;
		}
	}

	/** Work that is to be done once everything was stored, in order; each item is given once. */
	confirm(): (PostPersistAction & { plugin: string })[] {
		const actions = this.#actions;
		this.#actions = [];
		return actions;
	}

	/** @throws OrchestraError `operation_not_found`, and what it comes to */
	async operate(
		name: string,
		args: JsonObject,
		plugin: string | undefined,
		{ signal, ...options }: { signal: AbortSignal; timeoutMs: number | undefined; traceParent: string },
	): Promise<JsonValue> {
		this.#touch();
		for (const participant of this.participants) {
			if (plugin && participant.id !== plugin) continue;
			const { info, opened } = participant;
			const found = [...opened.operations, ...info.operations].find((operation) => operation.name === name);
			if (!found) continue;
			if (found.session === 'forbidden') {
				throw new OrchestraError(
					'invalid_arguments',
					`${found.kind} ${name} of plugin ${participant.id} is of no session, but one was named`,
				);
			}
			await this.#awake(participant);
			try {
				const { result } = await participant.client.operation(
					{ session: this.context.id, name, arguments: args },
					{ signal: AbortSignal.any([signal, this.signal]), ...options },
				);
				return result;
			} catch (error) {
				if (!this.signal.aborted) throw error;
				const text = `${found.kind} ${name} of plugin ${participant.id} was cancelled: session ${this.context.id} was closed`;
				throw new OrchestraError('cancelled', text, { cause: error });
			}
		}
		throw new OrchestraError('operation_not_found', `session ${this.context.id} has no operation ${name}`);
	}

	/** State that the plugins keep; those that have not changed since are left out. A part that rests is not woken: it has kept it. */
	async snapshot(
		since: Readonly<Record<string, readonly SessionSnapshot[]>> = {},
	): Promise<Record<string, readonly SessionSnapshot[]>> {
		const taken: Record<string, readonly SessionSnapshot[]> = {};
		for (const participant of this.participants) {
			if (!participant.resting) await this.#awake(participant);
			const fresh = (await participant.snapshot()).filter(
				({ factory, version, revision }) =>
					!since[participant.id]?.some(
						(old) => old.factory === factory && old.version === version && old.revision === revision,
					),
			);
			if (fresh.length > 0) taken[participant.id] = fresh;
		}
		return taken;
	}

	/** Fires `idle` once where nothing happened for a while and nobody is attached, and lets those go that want to. */
	async sweep(idleMs: number): Promise<void> {
		const { attached } = this;
		if (this.#idle || attached > 0 || this.#calls.size > 0 || this.#fires > 0) return;
		if (this.#now() - this.#lastActive < idleMs) return;
		this.#idle = true;
		const awake = this.participants.filter(({ resting }) => !resting);
		const outcome = await this.#run('idle', {}, {}, awake);
		for (const participant of awake) {
			if (!outcome.resting.includes(participant.id) || this.#calls.size > 0) continue;
			try {
				await participant.rest();
			} catch (error) {
				this.#runtime.warn(
					participant.id,
					`could not rest: ${OrchestraError.from(error, 'internal').message}`,
				);
			}
		}
	}

	/** Cancels what is under way and disposes the plugins' parts. Never rejects. */
	async close(): Promise<void> {
		if (this.signal.aborted) return;
		const reason = new OrchestraError('cancelled', `session ${this.context.id} was closed`);
		for (const call of [...this.#calls.values()]) call.cancel(reason);
		this.#closing.abort(reason);
		await Promise.all(
			this.participants.map((participant) =>
				participant.close().catch((error: unknown) => {
					const { message } = OrchestraError.from(error, 'internal');
					this.#runtime.warn(
						participant.id,
						`its part of session ${this.context.id} was not closed: ${message}`,
					);
				}),
			),
		);
	}

	#touch(): void {
		this.#lastActive = this.#now();
		this.#idle = false;
	}

	/** A part that was brought back is told of the session's start as it was the first time. */
	async #awake(participant: Participant): Promise<void> {
		if (!(await participant.awake())) return;
		await this.#run('session_start', { respawned: true }, {}, [participant]);
	}

	async #run(
		name: string,
		data: JsonObject,
		from: { readonly sender?: string | undefined; readonly traceParent?: string } = {},
		participants: readonly Participant[] = this.participants,
	): Promise<OutcomeBuilder> {
		const { context } = this;
		const told = { ...data, session: context.id, working_directory: context.workingDirectory };
		const outcome = await runHooks(participants, context.id, name, told, {
			...from,
			signal: this.signal,
			onSkipped: (plugin, message) => this.#runtime.warn(plugin, message),
		});
		this.#actions.push(...outcome.actions.slice(0, maxActions - this.#actions.length));
		for (const { plugin, topic, payload } of outcome.events) {
			this.#runtime.publish(plugin, topic, payload, from.traceParent);
		}
		return outcome;
	}
}
