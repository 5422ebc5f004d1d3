import type { PluginRequest } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { stackOf, textOf } from '../../wire/thrown-value.ts';
import { traceParentOf } from '../../wire/trace-parent.ts';
import type { Plugin } from '../definition/plugin.ts';
import type { Tool } from '../definition/tool.ts';
import { ActiveExchanges } from './active-exchanges.ts';
import { HandlerContext } from './handler-context.ts';
import { isToolError } from './handler-failure.ts';
import type { PluginServices } from './plugin-services.ts';
import type { RunningSubscriptions } from './running-subscriptions.ts';

/** Origin of a line of the log. Absent stays absent. */
function originOf(request: PluginRequest): { requestId?: string; traceParent?: string } {
	const traceParent = traceParentOf(request);
	return {
		...(request.requestId ? { requestId: request.requestId } : {}),
		...(traceParent ? { traceParent } : {}),
	};
}

/** Finds the tools that a plugin has for one session only. */
export interface SessionTools {
	tool(session: string | undefined, name: string): Tool | undefined;
}

/** State that the parts of one dispatcher share: one plugin that is being served. */
export class PluginState {
	readonly plugin: Plugin;
	readonly id: string;
	readonly services: PluginServices;
	readonly active = new ActiveExchanges();
	/** Subscriptions of its handlers; the dispatcher sets it before anything is served. */
	subscriptions: RunningSubscriptions | undefined;
	/** Tools of its sessions, where it takes part in any; the dispatcher sets it before anything is served. */
	sessionTools: SessionTools | undefined;
	/** Whether a shutdown has begun: no new work is taken. */
	stopping = false;
	readonly #controller = new AbortController();

	constructor(plugin: Plugin, services: PluginServices) {
		this.plugin = plugin;
		this.id = plugin.id;
		this.services = services;
	}

	/** Aborts when the plugin stops. */
	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	/** The tool of a name: its own, else one that it has for the session of the call. */
	tool(name: string, session: string | undefined): Tool | undefined {
		return this.plugin.tools.get(name) ?? this.sessionTools?.tool(session, name);
	}

	/** Takes no new work from now on. */
	stop(): void {
		this.stopping = true;
		this.#controller.abort(this.shuttingDown());
	}

	/** The context of handlers that belong to no call. @param traceParent the trace that they belong to; default: none */
	context(traceParent?: string): HandlerContext {
		return new HandlerContext(this, this, traceParent ? { traceParent } : undefined);
	}

	/** The answer to new work while the plugin stops. */
	shuttingDown(): OrchestraError {
		return new OrchestraError('shutting_down', `plugin ${this.id} is stopping`, {
			retryable: true,
			hint: 'Call it again when it is back.',
		});
	}

	/** Error where this plugin cannot do what is asked of `target`; undefined where it can. */
	refusal(target: string | undefined): OrchestraError | undefined {
		if (this.stopping) return this.shuttingDown();
		if (!target || target === this.id) return undefined;
		return new OrchestraError('routing_error', `this is plugin ${this.id}, not ${target}`, {
			hint: 'Call it through the orchestrator that serves both.',
		});
	}

	/**
	 * Puts a defect of a handler into the log, with its stack. A ToolError is no defect, and neither is what a handler throws
	 * because its call was cancelled.
	 *
	 * @param from the call whose handler it was
	 */
	logFailure(
		subject: string,
		thrown: unknown,
		cancelled?: OrchestraError,
		from: { readonly tool?: string; readonly request?: PluginRequest } = {},
	): void {
		if (isToolError(thrown)) return;
		if (cancelled && (thrown === cancelled || textOf(thrown, 'name') === 'AbortError')) return;
		this.services.log({
			level: 'error',
			message: `${subject} failed`,
			fields: { error: stackOf(thrown) },
			plugin: this.id,
			code: textOf(OrchestraError.from(thrown, 'handler_error'), 'code') ?? 'handler_error',
			...(from.tool ? { tool: from.tool } : {}),
			...(from.request ? originOf(from.request) : {}),
		});
	}
}
