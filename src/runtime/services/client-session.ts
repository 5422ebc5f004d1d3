import type { CallOptions, ToolCallOptions } from '../client/call-options.ts';
import type { PluginClient } from '../client/plugin-client.ts';
import type { JsonObject } from '../wire/json-value.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { relayedError } from '../wire/relayed-error.ts';
import { type ServiceClient, serviceClient } from './service-client.ts';
import { type HookOutcome, type OpenSession, type SessionInfo, sessionsService } from './sessions-service.ts';

/** Outcome of a turn. The host program applies both outcomes, stores everything, and confirms. */
export interface Turn<Result> {
	readonly result: Result;
	/** Effects of the hooks before it: messages, the system prompt, … */
	readonly before: HookOutcome;
	/** Effects of the hooks after it. */
	readonly after: HookOutcome;
}

/** A session, as the host program that opened it drives it. */
export class ClientSession {
	/** The session's facts at the time when it was opened. */
	readonly info: SessionInfo;
	/** Everything else that can be asked of it. */
	readonly sessions: ServiceClient<typeof sessionsService.methods>;
	readonly #client: PluginClient;

	constructor(client: PluginClient, info: SessionInfo) {
		this.#client = client;
		this.info = info;
		this.sessions = serviceClient(sessionsService, client.connection);
	}

	/**
	 * Drives one turn: fires `before_turn`, does the turn, fires `after_turn` with its data, and `error` where it failed. Where a hook
	 * aborts it, the turn is not done, and there is no `after_turn`.
	 *
	 * @param data what the hooks are told: `prompt`, …
	 * @param take does the turn, with what the hooks before it want
	 * @throws OrchestraError `hook_failed`, the code of the abort, and what the turn itself throws
	 */
	async turn<Result>(
		data: JsonObject,
		take: (before: HookOutcome, session: this) => Result | Promise<Result>,
		options: CallOptions = {},
	): Promise<Turn<Result>> {
		const before = await this.fire('before_turn', data, options);
		if (before.abort) {
			const { plugin, code, message } = before.abort;
			throw relayedError(code, message, { details: { plugin } });
		}
		let result: Result;
		try {
			result = await take(before, this);
		} catch (error) {
			const { code } = OrchestraError.from(error, 'internal');
			// The turn's own error is what its caller has to know.
			await this.fire('after_turn', { ...data, error: code }, options).catch(() => {});
			throw error;
		}
		return { result, before, after: await this.fire('after_turn', data, options) };
	}

	/** Fires a hook of it. @throws OrchestraError `hook_failed`, `session_not_found`, … */
	fire(hook: string, data: JsonObject = {}, options: CallOptions = {}): Promise<HookOutcome> {
		return this.sessions.fire({ session: this.info.id, hook, data }, options);
	}

	/** Calls a tool in it. Rejects as {@link PluginClient.callTool}. */
	callTool(name: string, args: JsonObject = {}, options: ToolCallOptions = {}): Promise<JsonObject> {
		return this.#client.callTool(name, args, { ...options, sessionId: this.info.id });
	}

	/** Everything was stored: what is to be done now, in order, once. */
	async confirm(options: CallOptions = {}) {
		return (await this.sessions.confirm({ session: this.info.id }, options)).actions;
	}

	/** Cancels its calls, closes its children, disposes its plugins. */
	async close(options: CallOptions = {}): Promise<void> {
		await this.sessions.close({ session: this.info.id }, options);
	}
}

/**
 * Opens a session at an orchestrator. @throws OrchestraError as {@link sessionsService} says
 *
 * @example
 * import { openSession, type PluginClient } from 'orchestra-toolchain/client';
 *
 * declare const client: PluginClient;
 * const session = await openSession(client);
 * console.log(session.info.id);
 * await session.close();
 */
export async function openSession(
	client: PluginClient,
	open: OpenSession = {},
	options: CallOptions = {},
): Promise<ClientSession> {
	return new ClientSession(
		client,
		await serviceClient(sessionsService, client.connection).open(open, options),
	);
}
