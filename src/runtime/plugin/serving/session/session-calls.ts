import { type ServedService, type ServiceContext, serveService } from '../../../services/service-server.ts';
import {
	type HookEffects,
	type SessionPluginInfo,
	sessionPluginService,
} from '../../../services/session-plugin-service.ts';
import type { JsonObject, JsonValue } from '../../../wire/json-value.ts';
import { OrchestraError } from '../../../wire/orchestra-error.ts';
import type { Tool } from '../../definition/tool.ts';
import { invalidArguments } from '../../input/fault.ts';
import { HandlerContext } from '../handler-context.ts';
import type { PluginState, SessionTools } from '../plugin-state.ts';
import { hookInfo, operationInfo, SessionState } from './session-state.ts';

/** Sessions that one plugin is part of, at most. */
const maxSessions = 10_000;

/** The sessions that one plugin is part of, and what their host asks of it. */
export class SessionCalls implements SessionTools {
	readonly service: ServedService;
	readonly #state: PluginState;
	readonly #open = new Map<string, SessionState>();

	constructor(state: PluginState) {
		this.#state = state;
		this.service = serveService(sessionPluginService, {
			describe: forHost(() => this.#describe()),
			open: forHost(async ({ context: session, snapshots = [] }) => {
				const refused = this.#state.refusal(undefined) ?? this.#noRoom(session.id);
				if (refused) throw refused;
				const opened = new SessionState(state.id, session);
				// Taken before it is open, so that a second one of its name is refused meanwhile.
				this.#open.set(session.id, opened);
				try {
					await opened.open(state.plugin.sessionPlugins ?? [], state.plugin.tools, snapshots);
				} catch (error) {
					this.#open.delete(session.id);
					throw error;
				}
				return opened.opened;
			}),
			close: forHost(async ({ session }) => {
				const open = this.#open.get(session);
				this.#open.delete(session);
				await open?.dispose();
				return {};
			}),
			hook: forHost((args, context) => this.#hook(args, context)),
			snapshot: forHost(async ({ session }) => ({ snapshots: await this.#get(session).snapshot() })),
			operation: forHost((args, context) => this.#operation(args, context)),
		});
	}

	/** A tool that the plugin has for one session. */
	tool(session: string | undefined, name: string): Tool | undefined {
		return session ? this.#open.get(session)?.tools.get(name) : undefined;
	}

	/** Disposes everything: the plugin stops. Never rejects. */
	async close(): Promise<void> {
		const open = [...this.#open.values()];
		this.#open.clear();
		await Promise.all(
			open.map((session) =>
				session.dispose().catch((error) => this.#state.logFailure(`session ${session.context.id}`, error)),
			),
		);
	}

	#describe(): SessionPluginInfo & JsonObject {
		const { hooks = [], operations = [], sessionPlugins = [] } = this.#state.plugin;
		return {
			hooks: hooks.map(hookInfo),
			operations: operations.map(operationInfo),
			factories: sessionPlugins.map(({ id }) => id),
			extensions: sessionPlugins.flatMap((factory) => factory.extensionContributions?.() ?? []),
		} as unknown as SessionPluginInfo & JsonObject;
	}

	async #hook(
		args: { session: string; own: boolean; index: number; name: string; data: JsonObject },
		context: ServiceContext,
	): Promise<HookEffects> {
		const hooks = args.own ? (this.#state.plugin.hooks ?? []) : this.#get(args.session).hooks;
		const hook = hooks[args.index];
		if (hook?.name !== args.name) {
			throw new OrchestraError(
				'hook_failed',
				`plugin ${this.#state.id} has no hook ${args.name} at ${args.index}`,
			);
		}
		const session = this.#open.get(args.session);
		const hookContext = new SessionHandlerContext(this.#state, context, args.session, session);
		try {
			return (await hook.handler(args.data, hookContext)) ?? {};
		} catch (error) {
			this.#state.logFailure(`hook ${hook.name} of plugin ${this.#state.id}`, error);
			throw OrchestraError.from(error, 'handler_error', `hook ${hook.name} of plugin ${this.#state.id}`);
		}
	}

	async #operation(
		args: { session: string; name: string; arguments: JsonObject },
		context: ServiceContext,
	): Promise<{ result: JsonValue }> {
		const session = args.session ? this.#get(args.session) : undefined;
		const operation =
			session?.operations.get(args.name) ??
			this.#state.plugin.operations?.find(({ name }) => name === args.name);
		const subject = `${operation?.kind ?? 'operation'} ${args.name} of plugin ${this.#state.id}`;
		if (!operation) throw new OrchestraError('operation_not_found', `there is no ${subject}`);
		const checked = await operation.input.validate(args.arguments);
		if (checked.faults) throw invalidArguments(subject, checked.faults);
		try {
			const result = await operation.handler(
				checked.value as JsonObject,
				new SessionHandlerContext(this.#state, context, args.session, session),
			);
			return { result: (result ?? null) as JsonValue };
		} catch (error) {
			this.#state.logFailure(subject, error);
			throw OrchestraError.from(error, 'handler_error', `${subject} failed`);
		}
	}

	#get(session: string): SessionState {
		const open = this.#open.get(session);
		if (open) return open;
		throw new OrchestraError('session_not_found', `plugin ${this.#state.id} has no session ${session}`);
	}

	#noRoom(session: string): OrchestraError | undefined {
		if (this.#open.has(session))
			return new OrchestraError(
				'session_exists',
				`session ${session} is open already in plugin ${this.#state.id}`,
			);
		if (this.#open.size < maxSessions) return undefined;
		return new OrchestraError('overloaded', `plugin ${this.#state.id} has ${maxSessions} sessions open`, {
			hint: 'Close sessions that are not needed.',
		});
	}
}

/** The context of hooks and operations. */
class SessionHandlerContext extends HandlerContext {
	readonly sessionId: string;
	readonly session: SessionState['context'] | undefined;

	constructor(
		state: PluginState,
		source: ServiceContext,
		sessionId: string,
		session: SessionState | undefined,
	) {
		super(state, source, source);
		this.sessionId = sessionId;
		this.session = session?.context;
	}

	protected override inherited() {
		return { sessionId: this.sessionId || undefined };
	}
}

/**
 * Only a host asks, for itself: what it forwards for others has another caller, an orchestrator lets nobody
 * through to here, and a plugin's process nobody but its host. Others get `permission_denied`.
 */
function forHost<Args, Result>(
	handler: (args: Args, context: ServiceContext) => Result,
): (args: Args, context: ServiceContext) => Result {
	return (args, context) => {
		if (context.caller === context.peer.name) return handler(args, context);
		const caller = context.caller || 'a caller';
		throw new OrchestraError('permission_denied', `${caller} hosts no sessions of this plugin`, {
			hint: 'Open a session at the orchestrator: the service orchestra.sessions.',
		});
	};
}
