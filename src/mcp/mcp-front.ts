import { randomBytes } from 'node:crypto';
import {
	createRequestStateCodec,
	type InputRequiredSpec,
	ProtocolError,
	ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import { createClient, type PluginClient } from '../runtime/client/plugin-client.ts';
import type { Orchestrator } from '../runtime/orchestrator/orchestrator.ts';
import type { LogEntry } from '../runtime/plugin/definition/log.ts';
import type { AskedInputs } from './calls/asked-inputs.ts';
import type { CallContext } from './calls/call-context.ts';
import { CallLogs } from './calls/call-logs.ts';
import type { ToolState } from './calls/tool-state.ts';
import { ChangeNotices } from './change-notices.ts';
import { Listing } from './listing/listing.ts';
import { EventLog } from './resources/event-log.ts';
import { StorageResources } from './resources/storage-resources.ts';
import { TaskBook, TaskRoom } from './tasks/task-book.ts';

/** The name under which MCP clients call: what `access:` rules are about. */
export const mcpCallerName = 'mcp';

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
 * An orchestrator as MCP shows it: the state behind the servers of all clients, which {@link frontServer} makes.
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
	readonly #taskRoom = new TaskRoom();

	constructor(orchestrator: Orchestrator, options: McpFrontOptions) {
		this.options = options;
		this.client = createClient(orchestrator.connect(mcpCallerName), { timeoutMs: callTimeoutMs });
		this.listing = new Listing(this.client, orchestrator.catalogue);
		this.resources = new StorageResources(this.client);
		this.notices = new ChangeNotices(orchestrator, this);
		this.events = new EventLog(this.client, (uri) => this.notices.resourceUpdated(uri));
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

/** Milliseconds that a call may take: agents wait long, and cancel themselves. */
const callTimeoutMs = 600_000;
