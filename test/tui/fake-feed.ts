import type { ListedTool } from '../../src/runtime/client/listings.ts';
import type { JsonObject } from '../../src/runtime/wire/json-value.ts';
import type { Feed, PluginAction } from '../../src/tui/feed/feed.ts';
import type { CallFacts, FeedMessage, PluginFacts } from '../../src/tui/feed/feed-message.ts';
import type { TerminalChoice, WatchedTerminal } from '../../src/tui/feed/terminals.ts';

export function pluginFacts(id: string, more: Partial<PluginFacts> = {}): PluginFacts {
	return {
		id,
		state: 'running',
		reason: '',
		source: 'embedded',
		label: `${id}.ts`,
		since: 0,
		starts: 1,
		pid: 0,
		health: '',
		tools: ['price'],
		...more,
	};
}

/** A feed that tells what a test tells it, and remembers what it was asked. */
export class FakeFeed implements Feed {
	readonly title = 'tcp://127.0.0.1:50101';
	readonly administers = true;
	readonly asked: unknown[] = [];
	tools: ListedTool[] = [];
	terminals: TerminalChoice[] = [];
	/** What the next action fails with. */
	failure: Error | undefined;
	tell: (message: FeedMessage) => void = () => {};

	open(tell: (message: FeedMessage) => void): void {
		this.tell = tell;
		tell({ kind: 'link', state: 'live' });
	}

	async act(action: PluginAction, plugin: string): Promise<void> {
		this.asked.push([action, plugin]);
		if (this.failure) throw this.failure;
	}

	async cancel({ id }: CallFacts): Promise<boolean> {
		this.asked.push(['cancel', id]);
		return true;
	}

	async listTools(): Promise<readonly ListedTool[]> {
		return this.tools;
	}

	call(tool: ListedTool, args: JsonObject): string {
		this.asked.push(['call', tool.name, args]);
		return 'own-1';
	}

	async listTerminals(): Promise<readonly TerminalChoice[]> {
		return this.terminals;
	}

	async watchTerminal(choice: TerminalChoice): Promise<WatchedTerminal> {
		this.asked.push(['watch', choice]);
		throw this.failure ?? new Error('no terminal is watched here');
	}

	look(): void {}

	async close(): Promise<void> {}
}
