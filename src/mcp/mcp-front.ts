import { randomBytes } from 'node:crypto';
import {
	createRequestStateCodec,
	type InputRequiredSpec,
	ProtocolError,
	ProtocolErrorCode,
	type ServerOptions,
} from '@modelcontextprotocol/server';
import { createClient, type PluginClient } from '../runtime/client/plugin-client.ts';
import type { Orchestrator } from '../runtime/orchestrator/orchestrator.ts';
import type { LogEntry } from '../runtime/plugin/definition/log.ts';
import { softwareVersion } from '../runtime/plugin/serving/software.ts';
import type { AskedInputs } from './calls/asked-inputs.ts';
import type { CallContext } from './calls/call-context.ts';
import { CallLogs } from './calls/call-logs.ts';
import { toolCallAnswerer } from './calls/tool-call-answerer.ts';
import type { ToolState } from './calls/tool-state.ts';
import { ChangeNotices } from './change-notices.ts';
import { Listing } from './listing/listing.ts';
import { handlePrompts } from './listing/prompts.ts';
import { handleToolList } from './listing/tool-list.ts';
import { EventLog } from './resources/event-log.ts';
import { handleResources } from './resources/handle-resources.ts';
import { StorageResources } from './resources/storage-resources.ts';
import { QuickServer } from './serving/quick-server.ts';
import type { SettledEra } from './serving/settled-era.ts';
import { handleLegacyTasks, handleTasks } from './tasks/handle-tasks.ts';
import { TaskBook, TaskRoom } from './tasks/task-book.ts';
import { tasksExtension } from './tasks/tasks-extension.ts';

/** The name under which MCP clients call: what `access:` rules are about. */
export const mcpCallerName = 'mcp';

/** 2026-07-28, or what was before. */
export type McpEra = 'modern' | 'legacy';

/** Options of the view that MCP clients get of an orchestrator. */
export interface McpFrontOptions {
	/** Name of the server. Default `orchestra`. */
	readonly name?: string | undefined;
	/** `all`: each tool is listed; `search`: three tools to search, describe and call the others. Default `all`. */
	readonly discovery?: 'all' | 'search' | undefined;
	/** Whether stores may be written to and deleted from, by tools. Default `read`. */
	readonly storage?: 'read' | 'write' | undefined;
	/** Called with what goes wrong beside an answer. */
	readonly onLog: (entry: LogEntry) => void;
}

/**
 * An orchestrator as MCP shows it: it makes a server of the official SDK for each connection or request, in both eras of the protocol.
 * To the orchestrator it is a client like any other, called {@link mcpCallerName}: it has no administration, and rules bind it.
 */
export class McpFront {
	readonly client: PluginClient;
	readonly listing: Listing;
	readonly notices: ChangeNotices;
	readonly resources: StorageResources;
	readonly events: EventLog;
	readonly logs = new CallLogs();
	readonly options: McpFrontOptions;
	/** Seals what handlers give along when they ask for something: it goes through the client. */
	readonly state = createRequestStateCodec<ToolState>({ key: randomBytes(32) });
	readonly #serverOptions: Readonly<Record<McpEra, ServerOptions>>;
	readonly #taskRoom = new TaskRoom();

	constructor(orchestrator: Orchestrator, options: McpFrontOptions) {
		this.options = options;
		this.client = createClient(orchestrator.connect(mcpCallerName), { timeoutMs: callTimeoutMs });
		this.listing = new Listing(this.client, orchestrator.catalogue);
		this.resources = new StorageResources(this.client);
		this.notices = new ChangeNotices(orchestrator, this);
		this.events = new EventLog(this.client, (uri) => this.notices.resourceUpdated(uri));
		const capabilities = {
			tools: { listChanged: true },
			prompts: { listChanged: true },
			resources: { listChanged: true, subscribe: true },
			completions: {},
			logging: {},
		};
		const common: ServerOptions = {
			cacheHints: {
				'tools/list': { ttlMs: listTtlMs, cacheScope: 'private' },
				'prompts/list': { ttlMs: listTtlMs, cacheScope: 'private' },
				'resources/templates/list': { ttlMs: listTtlMs, cacheScope: 'private' },
			},
			requestState: { verify: this.state.verify },
			jsonSchemaValidator: anyContent,
		};
		const legacyTasks = { list: {}, cancel: {}, requests: { tools: { call: {} } } };
		this.#serverOptions = {
			modern: { ...common, capabilities: { ...capabilities, extensions: { [tasksExtension]: {} } } },
			legacy: { ...common, capabilities: { ...capabilities, tasks: legacyTasks } },
		};
	}

	/**
	 * A server for one connection, or for one request.
	 *
	 * @param tasks those of whoever it is for
	 * @param settled what is known of clients, where that outlives it
	 */
	server(era: McpEra, tasks: TaskBook, settled?: SettledEra): QuickServer {
		const { name = 'orchestra' } = this.options;
		const server = new QuickServer({ name, version: softwareVersion }, this.#serverOptions[era], settled);
		handleToolList(this, server);
		server.answerToolCalls(toolCallAnswerer(this, tasks));
		handlePrompts(this, server);
		handleResources(this, server);
		if (era === 'modern') handleTasks(server, tasks);
		else handleLegacyTasks(server, tasks);
		return server;
	}

	/** The tasks of one connection, session, or of all clients that have none. Whoever opens it closes it. */
	openTasks(): TaskBook {
		return new TaskBook(this.#taskRoom);
	}

	/** State that a handler gave along when it asked, where a call is made anew. @throws ProtocolError where another gave it */
	readState({ mcpReq }: CallContext, of: string): string | undefined {
		const state = mcpReq.requestState<ToolState>();
		if (state === undefined) return undefined;
		if (state.of === of) return state.state;
		throw new ProtocolError(ProtocolErrorCode.InvalidParams, `the requestState is none of ${of}`);
	}

	/** Questions of a handler, with the state that it gives along sealed. */
	async sealInputs(of: string, asked: AskedInputs): Promise<InputRequiredSpec> {
		const { inputRequests, requestState: state } = asked;
		if (state === undefined) return { inputRequests };
		return { inputRequests, requestState: await this.state.mint({ of, state }) };
	}

	/** A line that a plugin logs: it goes to whoever called, too. */
	readonly log = (entry: LogEntry): void => this.logs.log(entry);

	/** Says what cannot be told to anybody else. */
	readonly onError = (error: Error): void => {
		this.options.onLog({ level: 'debug', plugin: mcpCallerName, message: error.message });
	};

	/** Tells whoever reads the log what a client does wrong. */
	readonly warn = (message: string): void => {
		this.options.onLog({ level: 'warn', plugin: mcpCallerName, message });
	};

	async close(): Promise<void> {
		this.notices.close();
		await this.events.close();
		await this.client.close();
	}
}

/** Lets every answer of a user pass: it is judged by the tool that asked. */
const anyContent: NonNullable<ServerOptions['jsonSchemaValidator']> = {
	getValidator: () => (data) => ({ valid: true, data: data as never, errorMessage: undefined }),
};

/** Milliseconds that a call may take: agents wait long, and cancel themselves. */
const callTimeoutMs = 600_000;

/** Milliseconds that a client may keep a list without asking: changes are told. */
const listTtlMs = 60_000;
