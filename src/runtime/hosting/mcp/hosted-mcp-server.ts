import { errorResponse } from '../../carrier/error-response.ts';
import type { ExchangeUnderWay } from '../../carrier/exchanges-under-way.ts';
import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import { connectInProcess } from '../../carrier/memory/memory-connection.ts';
import { createClient } from '../../client/plugin-client.ts';
import { formatExit } from '../../platform/exit-status.ts';
import type { Plugin } from '../../plugin/definition/plugin.ts';
import { createDispatcher, type Dispatcher } from '../../plugin/serving/dispatcher.ts';
import { loneServices } from '../../plugin/serving/lone-services.ts';
import { type PromptDefinition, Status, type ToolDefinition } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { drained } from '../drained.ts';
import type { HostedPlugin, HostingKind, PluginEnd } from '../hosted-plugin.ts';
import type { PluginHost } from '../plugin-source.ts';
import type { McpConnection } from './mcp-connection.ts';

/** Parts that serve a plugin that was made of what the server had at some time. */
interface Serving {
	readonly plugin: Plugin;
	readonly dispatcher: Dispatcher;
	readonly tools: readonly ToolDefinition[];
	readonly prompts: readonly PromptDefinition[];
}

/** An MCP server as its host sees it: tools in this process that call it. What it has may change while it runs. */
export class HostedMcpServer implements HostedPlugin {
	readonly id: string;
	readonly kind: HostingKind;
	readonly software: string;
	readonly extensions = true;
	readonly connection: HostedPlugin['connection'];
	readonly ended: Promise<PluginEnd>;
	readonly #mcp: McpConnection;
	readonly #host: PluginHost;
	readonly #changed = new Set<() => void>();
	#serving: Serving;
	/** Dispatchers that served before, and have calls under way. */
	readonly #former = new Set<Dispatcher>();
	#stopping: Promise<void> | undefined;

	private constructor(mcp: McpConnection, kind: HostingKind, host: PluginHost, serving: Serving) {
		this.id = serving.plugin.id;
		this.kind = kind;
		this.#mcp = mcp;
		this.#host = host;
		this.#serving = serving;
		const { name = '', version = '' } = mcp.client.getServerVersion() ?? {};
		this.software =
			`${[name, version].filter(Boolean).join('/') || 'unknown'}, MCP ${mcp.client.getNegotiatedProtocolVersion() ?? ''}`.trim();
		this.connection = connectInProcess(this.handle, { callerName: 'orchestrator', plugin: this.id });
		this.ended = this.#end();
	}

	/** Hosts a plugin that was made of an MCP server. */
	static async host(
		mcp: McpConnection,
		kind: HostingKind,
		host: PluginHost,
		plugin: Plugin,
	): Promise<HostedMcpServer> {
		return new HostedMcpServer(mcp, kind, host, await serve(plugin, host));
	}

	get manifest(): HostedPlugin['manifest'] {
		// The language in which it is written is not known.
		return { ...this.#serving.plugin.manifest, language: '' };
	}

	get tools(): HostedPlugin['tools'] {
		return this.#serving.tools;
	}

	get prompts(): HostedPlugin['prompts'] {
		return this.#serving.prompts;
	}

	get pid(): number | undefined {
		return this.#mcp.process?.pid;
	}

	/** Takes what the server has now in the place of what it had; calls under way end as they began. */
	async replace(plugin: Plugin): Promise<void> {
		if (this.#stopping) return;
		const former = this.#serving.dispatcher;
		this.#serving = await serve(plugin, this.#host);
		this.#former.add(former);
		// It ends with its last call, however long that takes: a shutdown would cut it off.
		void drained([...former.underWay()], Number.POSITIVE_INFINITY, this.#mcp.ended)
			.then(() => former.shutdown())
			.then(() => this.#former.delete(former));
		for (const listener of this.#changed) listener();
	}

	onProvidesChange(listener: () => void): void {
		this.#changed.add(listener);
	}

	underWay(): readonly ExchangeUnderWay[] {
		return [this.#serving.dispatcher, ...this.#former].flatMap((dispatcher) => [...dispatcher.underWay()]);
	}

	stop(): Promise<void> {
		this.#stopping ??= this.#stop();
		return this.#stopping;
	}

	readonly handle = (exchange: IncomingExchange): void => {
		if (exchange.request.health === undefined) this.#serving.dispatcher.handle(exchange);
		else void this.#answerHealth(exchange);
	};

	async #answerHealth(exchange: IncomingExchange): Promise<void> {
		try {
			await this.#mcp.ping(Math.max(1, (exchange.deadline ?? Date.now() + 5_000) - Date.now()));
			exchange.finish({ health: { status: Status.healthy, message: 'ok' } });
		} catch (error) {
			exchange.finish(errorResponse(exchange.request, OrchestraError.from(error, 'unreachable')));
		}
	}

	async #stop(): Promise<void> {
		// Calls under way get to end first.
		await Promise.all([this.#serving.dispatcher, ...this.#former].map((dispatcher) => dispatcher.shutdown()));
		await this.#mcp.close();
	}

	async #end(): Promise<PluginEnd> {
		const exit = await this.#mcp.ended;
		const stopped = this.#stopping !== undefined;
		await Promise.all([this.#serving.dispatcher, ...this.#former].map((dispatcher) => dispatcher.shutdown()));
		await this.#mcp.close();
		await this.connection.close();
		if (stopped) return { reason: 'stopped', exit };
		if (exit?.code === 0) return { reason: 'exited', exit };
		const why = exit ? ` (${formatExit(exit)})` : '';
		const error = new OrchestraError('connection_lost', `MCP server ${this.id} has ended${why}`, {
			retryable: true,
		});
		return { reason: 'crashed', exit, error };
	}
}

async function serve(plugin: Plugin, host: PluginHost): Promise<Serving> {
	const dispatcher = createDispatcher(
		plugin,
		loneServices(plugin.id, (entry) => host.log(entry)),
	);
	await dispatcher.boot({});
	const own = createClient(
		connectInProcess(dispatcher.handle, { callerName: 'orchestrator', plugin: plugin.id }),
	);
	const [tools, prompts] = await Promise.all([own.listTools(), own.listPrompts()]);
	await own.close();
	return { plugin, dispatcher, tools, prompts };
}
