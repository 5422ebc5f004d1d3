import { pluginsBehind } from '../../cli/exec/exec-place.ts';
import type { ListedTool } from '../../runtime/client/listings.ts';
import type { TerminalSize } from '../../runtime/exec/terminal/terminal.ts';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { OpenedTarget } from '../../toolchain/targets/opened-target.ts';
import type { Feed } from './feed.ts';
import type { CallFacts, FeedMessage, LogFacts, PluginFacts } from './feed-message.ts';
import { type OwnCallOptions, OwnCalls, type OwnOutcome } from './own-calls.ts';
import { listTerminals, type TerminalChoice, type WatchedTerminal, watchTerminal } from './terminals.ts';

/** A target that is called from here: what is made here is all that it tells. */
export class TargetFeed implements Feed {
	readonly title: string;
	readonly administers = false;
	readonly #target: OpenedTarget;
	readonly #calls = new OwnCalls((message) => this.#tell(message));
	/** Messages that came before somebody listens. */
	#early: FeedMessage[] = [];
	#listener: ((message: FeedMessage) => void) | undefined;

	/** @param title the word that names the target */
	constructor(target: OpenedTarget, title: string) {
		this.#target = target;
		this.title = title;
	}

	open(tell: (message: FeedMessage) => void): void {
		this.#listener = tell;
		tell({ kind: 'link', state: 'live' });
		tell({ kind: 'plugins', plugins: pluginsOf(this.#target, this.title) });
		tell({
			kind: 'problem',
			about: 'events',
			message: 'A target that is called tells no events: orchestra top shows those of a server.',
		});
		for (const message of this.#early.splice(0)) tell(message);
		void this.#target.link.closed.then((reason) =>
			tell({ kind: 'link', state: 'lost', reason: reason?.message ?? 'the target has ended' }),
		);
	}

	async act(): Promise<void> {
		throw new OrchestraError('usage', 'a target that is called is not administered', {
			hint: 'orchestra top does that for a server.',
		});
	}

	async cancel({ id }: CallFacts): Promise<boolean> {
		return this.#calls.cancel(id);
	}

	listTools(): Promise<readonly ListedTool[]> {
		return this.#target.client.listTools();
	}

	call(tool: ListedTool, args: JsonObject): string {
		return this.start(tool, args).id;
	}

	/** Calls as {@link call} does, with what only the command line can ask for, and gives the outcome. */
	start(
		tool: ListedTool,
		args: JsonObject,
		options: OwnCallOptions = {},
	): { readonly id: string; readonly ended: Promise<OwnOutcome> } {
		const plugin = options.plugin ?? tool.plugin ?? this.#target.manifests[0]?.id;
		return this.#calls.start(this.#target.client, tool, args, { ...options, shownPlugin: plugin });
	}

	listTerminals(): Promise<readonly TerminalChoice[]> {
		return listTerminals(this.#target.client.connection, pluginsBehind(this.#target));
	}

	watchTerminal(choice: TerminalChoice, size: TerminalSize): Promise<WatchedTerminal> {
		return watchTerminal(this.#target.client.connection, choice, size);
	}

	/** Tells a line that a plugin logged or printed. */
	log(line: LogFacts): void {
		this.#tell({ kind: 'logs', lines: [line] });
	}

	look(): void {
		// Calls that are made here are told whole.
	}

	/** Cancels what is under way; the target is closed by who opened it. */
	async close(): Promise<void> {
		this.#calls.close();
	}

	#tell(message: FeedMessage): void {
		if (this.#listener) this.#listener(message);
		else this.#early.push(message);
	}
}

function pluginsOf({ manifests, how }: OpenedTarget, label: string): PluginFacts[] {
	return manifests.map(({ id = '', providesTools = [] }) => ({
		id,
		state: 'running',
		reason: '',
		source: how,
		label,
		since: Date.now(),
		starts: 1,
		pid: 0,
		health: '',
		tools: providesTools,
	}));
}
