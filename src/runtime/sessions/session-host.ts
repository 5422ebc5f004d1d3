import { randomUUID } from 'node:crypto';
import type { Connection } from '../carrier/carrier.ts';
import { errorResponse } from '../carrier/error-response.ts';
import type { IncomingExchange } from '../carrier/incoming-exchange.ts';
import { hookName, hookNames } from '../plugin/definition/session/hook.ts';
import { buildBudgetMs } from '../plugin/definition/session/session-plugin.ts';
import { serviceClient } from '../services/service-client.ts';
import { type ServedService, type ServiceContext, serveService } from '../services/service-server.ts';
import { type SessionPluginInfo, sessionPluginService } from '../services/session-plugin-service.ts';
import {
	type BuildTimes,
	type OpenSession,
	type SessionInfo,
	type SessionPluginReport,
	sessionsService,
} from '../services/sessions-service.ts';
import type { JsonObject } from '../wire/json-value.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { assertOpenSession } from './assert-open-session.ts';
import { Participant, partTimeoutMs } from './participant.ts';
import { Session } from './session.ts';
import { type SessionClock, type SessionPeer, type SessionRuntime, systemClock } from './session-runtime.ts';
import { workingDirectory } from './working-directory.ts';

/** Sessions that are open at once, at most. */
const maxSessions = 10_000;

/** Milliseconds without a call after which a session counts as idle. */
export const defaultIdleMs = 30_000;

/** Milliseconds between two looks for idle sessions, at least. */
const leastSweepMs = 5_000;

/** Hooks that only the runtime fires. */
const runtimeHooks = new Set(['before_tool_call', 'after_tool_call', 'session_start', 'idle']);

/** Hooks that only who opened the session fires. */
const ownerHooks = new Set<string>(hookNames);

/** Options of hosting sessions. */
export interface SessionOptions {
	/** Milliseconds without a call after which `idle` is fired; 0 for never. Default {@link defaultIdleMs}. */
	readonly idleMs?: number | undefined;
	readonly clock?: SessionClock | undefined;
}

/** Every session of one orchestrator. Without one, calls cost nothing more. */
export class SessionHost {
	readonly service: ServedService;
	readonly #runtime: SessionRuntime;
	readonly #idleMs: number;
	readonly #clock: SessionClock;
	readonly #sessions = new Map<string, Session | undefined>();
	/** Parts of the plugins for sessions, asked once for each start. */
	readonly #infos = new WeakMap<Connection, Promise<SessionPluginInfo | undefined>>();
	/** Durations of builds, by plugin and factory. */
	readonly #builds = new Map<string, Omit<BuildTimes, 'id'>>();
	/** The looks for idle sessions that are under way. */
	#swept: Promise<void> = Promise.resolve();
	#stopIntercepting: (() => void) | undefined;
	#stopSweeping: (() => void) | undefined;

	constructor(runtime: SessionRuntime, { idleMs = defaultIdleMs, clock = systemClock }: SessionOptions = {}) {
		this.#runtime = runtime;
		this.#idleMs = idleMs;
		this.#clock = clock;
		this.service = serveService(sessionsService, {
			open: (args, { caller }) => this.#open(args, caller),
			close: async ({ session }, { caller }) => {
				await this.close(this.#owned(session, caller).context.id);
				return {};
			},
			list: (_args, { caller }) => ({
				sessions: this.#all.filter(({ owner }) => owner === caller).map(({ info }) => info),
			}),
			describe: ({ session }, { caller }) => this.#owned(session, caller).info,
			plugins: async () => ({ plugins: await this.#reports() }),
			cancel: ({ session, call }, { caller }) => ({ cancelled: this.#owned(session, caller).cancel(call) }),
			fire: (args, context) => this.#fire(args, context),
			confirm: ({ session }, { caller }) => ({ actions: this.#owned(session, caller).confirm() }),
			operate: (args, context) => this.#operate(args, context),
			snapshot: async ({ session, since }, { caller }) => ({
				snapshots: await this.#owned(session, caller).snapshot(since),
			}),
			attach: ({ session }, { caller, signal }) => attach(this.#owned(session, caller), signal),
		});
	}

	/** Number of open sessions. */
	get count(): number {
		return this.#sessions.size;
	}

	/** Builds that took longer than their budget. */
	get slowBuilds(): number {
		return [...this.#builds.values()].reduce((count, { slow }) => count + slow, 0);
	}

	/** Readers that are attached to sessions. */
	get attached(): number {
		return this.#all.reduce((count, session) => count + session.attached, 0);
	}

	/** Settles when the looks for idle sessions so far have ended. */
	get swept(): Promise<void> {
		return this.#swept;
	}

	/** Closes one and its children, these first. Never rejects. */
	async close(id: string): Promise<void> {
		const session = this.#sessions.get(id);
		if (!session) return;
		this.#sessions.delete(id);
		for (const child of this.#all) if (child.context.parent === id) await this.close(child.context.id);
		await session.close();
		if (this.#sessions.size === 0) this.#unwatch();
	}

	/** Closes all. Never rejects. */
	async stop(): Promise<void> {
		await Promise.all(this.#all.map(({ context }) => this.close(context.id)));
		this.#unwatch();
	}

	get #all(): Session[] {
		return [...this.#sessions.values()].filter((session) => session !== undefined);
	}

	async #open(args: OpenSession, owner: string): Promise<SessionInfo> {
		assertOpenSession(args);
		const { id = randomUUID(), parent, options = {}, snapshots = {}, project = '' } = args;
		if (this.#sessions.has(id)) {
			throw new OrchestraError('session_exists', `session ${id} is open already`, {
				hint: 'Close it, or choose another id.',
			});
		}
		if (this.#sessions.size >= maxSessions) {
			throw new OrchestraError('overloaded', `${maxSessions} sessions are open already`, {
				hint: 'Close sessions that are not needed.',
			});
		}
		if (parent !== undefined) this.#owned(parent, owner);
		// The id is taken before anything is waited for.
		this.#sessions.set(id, undefined);
		const opened: Participant[] = [];
		try {
			const { path, warning } = await workingDirectory(args.workingDirectory);
			const parts = await this.#parts(args.plugins);
			const extensions: Record<string, JsonObject[]> = {};
			for (const { extension, payload } of parts.flatMap(({ info }) => info.extensions)) {
				extensions[extension] ??= [];
				extensions[extension].push(payload);
			}
			const commandPrefix = (args.commandPrefix ?? []).map((word) => word.replaceAll('{cwd}', path));
			const base = {
				id,
				workingDirectory: path,
				commandPrefix,
				project,
				extensions,
				...(parent ? { parent } : {}),
			};
			for (const { peer, info } of parts) {
				const context = { ...base, options: options[peer.id] ?? {} };
				const participant = new Participant(peer, info, context, this.#runtime);
				await participant.open(snapshots[peer.id]);
				opened.push(participant);
			}
			assertNames(id, opened);
			const session = new Session({ ...base, options: {} }, owner, opened, this.#runtime, this.#clock.now);
			if (warning) session.warnings.push(warning);
			this.#countBuilds(session);
			await session.fire('session_start', { parent: parent ?? '', project });
			this.#sessions.set(id, session);
			this.#watch();
			if (args.snapshots) await session.fire('session_restored', {});
			return session.info;
		} catch (error) {
			this.#sessions.delete(id);
			await Promise.all(opened.map((participant) => participant.close().catch(() => {})));
			throw error;
		}
	}

	/** The plugins that take part, with what they have for sessions. */
	async #parts(
		wanted: readonly string[] | undefined,
	): Promise<{ peer: SessionPeer; info: SessionPluginInfo }[]> {
		const peers = this.#runtime.peers();
		const missing = wanted?.filter((id) => !peers.some((peer) => peer.id === id)) ?? [];
		if (missing.length > 0) {
			throw new OrchestraError('plugin_not_found', `there is no plugin ${missing.join(', ')} that runs`);
		}
		const chosen = wanted?.flatMap((id) => peers.find((peer) => peer.id === id) ?? []) ?? peers;
		const parts = await Promise.all(
			chosen.map(async (peer) => ({ peer, info: await this.#info(peer.connection) })),
		);
		return parts.flatMap(({ peer, info }) => (info ? [{ peer, info }] : []));
	}

	/** Parts of a plugin for sessions; undefined for one that takes part in none. */
	#info(connection: Connection): Promise<SessionPluginInfo | undefined> {
		const known = this.#infos.get(connection);
		if (known) return known;
		const info = serviceClient(sessionPluginService, connection)
			.describe({}, { timeoutMs: partTimeoutMs })
			.catch((error: unknown) => {
				const { code } = OrchestraError.from(error, 'internal');
				if (code === 'service_not_found' || code === 'unknown_request') return undefined;
				this.#infos.delete(connection);
				throw error;
			});
		this.#infos.set(connection, info);
		return info;
	}

	async #fire(
		args: { session: string; hook: string; data?: JsonObject },
		{ caller, traceParent }: ServiceContext,
	) {
		const name = hookName(args.hook);
		const session = this.#get(args.session, caller);
		if (runtimeHooks.has(name) || (ownerHooks.has(name) && caller !== session.owner)) {
			throw new OrchestraError('permission_denied', `${caller} cannot fire the hook ${name}`, {
				hint: 'Plugins fire hooks of names of their own.',
			});
		}
		const sender = caller === session.owner ? undefined : caller;
		return session.fire(name, args.data, { sender, traceParent });
	}

	async #operate(
		args: { session?: string; plugin?: string; name: string; arguments?: JsonObject },
		{ caller, signal, deadline, traceParent }: ServiceContext,
	) {
		const timeoutMs = deadline === undefined ? undefined : Math.max(1, deadline - Date.now());
		const { name, plugin, session, arguments: input = {} } = args;
		if (session) {
			const open = this.#owned(session, caller);
			return { result: await open.operate(name, input, plugin, { signal, timeoutMs, traceParent }) };
		}
		for (const { peer, info } of await this.#parts(plugin ? [plugin] : undefined)) {
			const found = info.operations.find((operation) => operation.name === name);
			if (!found) continue;
			if (found.session === 'required') {
				throw new OrchestraError('invalid_arguments', `${found.kind} ${name} needs a session`);
			}
			const client = serviceClient(sessionPluginService, peer.connection);
			return client.operation({ session: '', name, arguments: input }, { signal, timeoutMs, traceParent });
		}
		throw new OrchestraError('operation_not_found', `no plugin has an operation ${name}`, {
			hint: 'One of a session is found where the session is named.',
		});
	}

	/** The session, for who may call in it. @throws OrchestraError `session_not_found`, `permission_denied` */
	#get(id: string, caller: string): Session {
		const session = this.#sessions.get(id);
		if (!session) {
			throw new OrchestraError('session_not_found', `no session ${JSON.stringify(id)} is open`, {
				hint: 'It may have been closed; open it again.',
			});
		}
		if (session.admits(caller)) return session;
		throw notYours(id, caller);
	}

	/** The session, for who opened it. @throws OrchestraError `session_not_found`, `permission_denied` */
	#owned(id: string, caller: string): Session {
		const session = this.#get(id, caller);
		if (session.owner === caller) return session;
		throw notYours(id, caller);
	}

	readonly #intercept = (exchange: IncomingExchange, next: () => void): void => {
		const call = exchange.request.toolCall ?? exchange.request.streamStart;
		const session = call?.sessionId ? this.#sessions.get(call.sessionId) : undefined;
		if (!call || !session) {
			next();
			return;
		}
		const caller = call.callerPlugin ?? '';
		const { id } = session.context;
		// A plugin whose tool runs in the session calls others as part of that, and while it does, though it takes no part itself.
		if (session.admits(caller) || this.#runtime.answers(caller, id)) session.call(exchange);
		else exchange.finish(errorResponse(exchange.request, notYours(id, caller)));
	};

	#watch(): void {
		this.#stopIntercepting ??= this.#runtime.intercept(this.#intercept);
		if (this.#idleMs <= 0) return;
		this.#stopSweeping ??= this.#clock.every(Math.max(this.#idleMs / 2, leastSweepMs), () => {
			this.#swept = Promise.allSettled([
				this.#swept,
				...this.#all.map((session) => session.sweep(this.#idleMs)),
			]).then(() => {});
		});
	}

	#unwatch(): void {
		this.#stopIntercepting?.();
		this.#stopSweeping?.();
		this.#stopIntercepting = undefined;
		this.#stopSweeping = undefined;
	}

	async #reports(): Promise<SessionPluginReport[]> {
		const parts = await this.#parts(undefined);
		return parts.map(({ peer, info }) => ({
			plugin: peer.id,
			hooks: info.hooks,
			operations: info.operations,
			factories: info.factories.map((id) => ({ id, ...this.#buildTimes(`${peer.id}/${id}`) })),
		}));
	}

	#buildTimes(factory: string): Omit<BuildTimes, 'id'> {
		return this.#builds.get(factory) ?? { builds: 0, slow: 0, slowestMs: 0 };
	}

	#countBuilds(session: Session): void {
		for (const { id, info, opened } of session.participants) {
			for (const factory of info.factories) {
				const ms = opened.builds[factory] ?? 0;
				const isSlow = ms > buildBudgetMs;
				const { builds, slow, slowestMs } = this.#buildTimes(`${id}/${factory}`);
				this.#builds.set(`${id}/${factory}`, {
					builds: builds + 1,
					slow: slow + Number(isSlow),
					slowestMs: Math.max(slowestMs, ms),
				});
				if (!isSlow) continue;
				const message = `build of ${id}/${factory} took ${ms.toFixed(1)} ms, more than ${buildBudgetMs} ms`;
				session.warnings.push(message);
				this.#runtime.warn(id, message);
			}
		}
	}
}

function notYours(session: string, caller: string): OrchestraError {
	return new OrchestraError('permission_denied', `session ${session} is not ${caller}'s`, {
		hint: 'A session belongs to who opened it.',
	});
}

/** @throws OrchestraError `duplicate_tool`, `session_failed` that name both plugins */
function assertNames(session: string, participants: readonly Participant[]): void {
	const owners = new Map<string, string>();
	for (const { id, opened } of participants) {
		for (const [kind, names] of Object.entries({
			tool: opened.tools,
			operation: opened.operations,
			slot: opened.claims,
		})) {
			for (const { name } of names) {
				const other = owners.get(`${kind} ${name}`);
				if (other) {
					throw new OrchestraError(
						kind === 'tool' ? 'duplicate_tool' : 'session_failed',
						`plugins ${other} and ${id} both have the ${kind} ${name} in session ${session}`,
						{ hint: 'Leave one of them out of the session.', details: { plugins: [other, id] } },
					);
				}
				owners.set(`${kind} ${name}`, id);
			}
		}
	}
}

async function* attach(session: Session, signal: AbortSignal): AsyncGenerator<{ closed: boolean }, void> {
	session.attached++;
	try {
		yield { closed: false };
		const over = AbortSignal.any([signal, session.signal]);
		if (!over.aborted) {
			await new Promise<void>((resolve) => over.addEventListener('abort', () => resolve(), { once: true }));
		}
		if (!signal.aborted) yield { closed: true };
	} finally {
		session.attached--;
	}
}
