import { BackOff } from '../../runtime/carrier/back-off.ts';
import type { Connection } from '../../runtime/carrier/carrier.ts';
import type { ListedTool } from '../../runtime/client/listings.ts';
import type { TerminalSize } from '../../runtime/exec/terminal/terminal.ts';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { Feed, PluginAction } from './feed.ts';
import type { CallFacts, FeedMessage, LogFacts } from './feed-message.ts';
import { OwnCalls } from './own-calls.ts';
import { type EventChoice, ServerSession } from './server-session.ts';
import { listTerminals, type TerminalChoice, type WatchedTerminal, watchTerminal } from './terminals.ts';

/** Options of a server's feed. */
export interface ServerFeedOptions {
	/** A text, or what tells it anew for each picture. */
	readonly title: string | (() => string);
	/** The connection to begin with, which the feed closes. */
	readonly connection: Connection;
	/** Connects again where the connection is lost. Left out: it stays lost. */
	readonly reconnect?: ((signal: AbortSignal) => Promise<Connection>) | undefined;
	readonly events: EventChoice;
	/** Whether the logs of plugins are followed. Default true; false where {@link ServerFeed.log} tells what is logged. */
	readonly followsLogs?: boolean | undefined;
	/** Called when {@link ServerFeed.log} is heard from then on. */
	readonly onOpen?: (() => void) | undefined;
}

/** Feed of a server, over any connection; it finds a server again that was gone for a while. */
export class ServerFeed implements Feed {
	readonly administers = true;
	readonly #options: ServerFeedOptions;
	readonly #abort = new AbortController();
	#tell: ((message: FeedMessage) => void) | undefined;
	#session: ServerSession | undefined;
	#calls: OwnCalls | undefined;
	#looked: string | undefined;
	#running: Promise<void> | undefined;

	constructor(options: ServerFeedOptions) {
		this.#options = options;
	}

	get title(): string {
		const { title } = this.#options;
		return typeof title === 'string' ? title : title();
	}

	/** Tells a line that was logged here. */
	log(line: LogFacts): void {
		this.#tell?.({ kind: 'logs', lines: [line] });
	}

	open(tell: (message: FeedMessage) => void): void {
		this.#tell = tell;
		this.#calls = new OwnCalls(tell);
		this.#running = this.#run(this.#calls, tell);
		this.#options.onOpen?.();
	}

	async act(action: PluginAction, plugin: string): Promise<void> {
		await this.#connected().act(action, plugin);
	}

	async cancel(call: CallFacts): Promise<boolean> {
		return call.own ? (this.#calls?.cancel(call.id) ?? false) : this.#connected().cancel(call.id);
	}

	listTools(): Promise<readonly ListedTool[]> {
		return this.#connected().client.listTools();
	}

	call(tool: ListedTool, args: JsonObject): string {
		const { client } = this.#connected();
		if (!this.#calls) throw new OrchestraError('internal', 'the feed is not open');
		return this.#calls.start(client, tool, args).id;
	}

	look(call: string | undefined): void {
		this.#looked = call;
		this.#session?.look(call);
	}

	async listTerminals(plugins: readonly string[]): Promise<readonly TerminalChoice[]> {
		return listTerminals(this.#connected().client.connection, plugins);
	}

	async watchTerminal(choice: TerminalChoice, size: TerminalSize): Promise<WatchedTerminal> {
		return watchTerminal(this.#connected().client.connection, choice, size);
	}

	async close(): Promise<void> {
		this.#abort.abort();
		this.#calls?.close();
		await this.#session?.close();
		await this.#running;
	}

	async #run(calls: OwnCalls, tell: (message: FeedMessage) => void): Promise<void> {
		const { events, followsLogs = true, reconnect } = this.#options;
		let connection: Connection | undefined = this.#options.connection;
		for (let session = 1; connection; session++) {
			const watch = { own: calls, prefix: `${session}.` };
			this.#session = new ServerSession(connection, events, followsLogs, watch, tell);
			this.#session.look(this.#looked);
			const reason = await this.#session.run();
			this.#session = undefined;
			if (this.#abort.signal.aborted) return;
			tell({ kind: 'link', state: 'lost', reason });
			connection = reconnect && (await this.#again(reconnect, tell));
		}
	}

	/** Tries until there is a connection; undefined when it is closed meanwhile. */
	async #again(
		reconnect: (signal: AbortSignal) => Promise<Connection>,
		tell: (message: FeedMessage) => void,
	): Promise<Connection | undefined> {
		const backOff = new BackOff({ firstMs: 500, longestMs: 5000 });
		const { signal } = this.#abort;
		while (!signal.aborted) {
			await pause(backOff.next(), signal);
			if (signal.aborted) return undefined;
			try {
				return await reconnect(signal);
			} catch (thrown) {
				if (!signal.aborted) {
					tell({ kind: 'link', state: 'lost', reason: OrchestraError.from(thrown, 'internal').message });
				}
			}
		}
		return undefined;
	}

	#connected(): ServerSession {
		if (this.#session) return this.#session;
		throw new OrchestraError('connection_lost', `there is no connection to ${this.title}`, {
			hint: 'It is tried again and again; wait until it stands.',
		});
	}
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const timer = setTimeout(done, ms);
		signal.addEventListener('abort', done, { once: true });
		function done() {
			clearTimeout(timer);
			signal.removeEventListener('abort', done);
			resolve();
		}
	});
}
