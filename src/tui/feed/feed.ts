import type { ListedTool } from '../../runtime/client/listings.ts';
import type { TerminalSize } from '../../runtime/exec/terminal/terminal.ts';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import type { CallFacts, FeedMessage } from './feed-message.ts';
import type { TerminalChoice, WatchedTerminal } from './terminals.ts';

/** Action on a plugin. */
export type PluginAction = 'start' | 'stop' | 'restart';

/** Source of the terminal interface's facts, and target of its actions: an orchestrator of this process or a running server. */
export interface Feed {
	/** Its subject, for the heading: an address, a target. */
	readonly title: string;
	/** Whether plugins can be started and stopped, and calls of others be seen. */
	readonly administers: boolean;
	/** Begins to tell. Called once. */
	open(tell: (message: FeedMessage) => void): void;
	/** @throws OrchestraError `permission_denied`, `plugin_not_found`, or why it could not be done */
	act(action: PluginAction, plugin: string): Promise<void>;
	/** Cancels a call under way. False where it had ended. */
	cancel(call: CallFacts): Promise<boolean>;
	/** The tools that can be called. */
	listTools(): Promise<readonly ListedTool[]>;
	/**
	 * Calls a tool. Tells of the call as of any other, with `own`.
	 *
	 * @returns the id that the call is told under, at once; its outcome comes as a message
	 */
	call(tool: ListedTool, args: JsonObject): string;
	/** Chooses the call whose arguments and result are wanted; undefined for none. */
	look(call: string | undefined): void;
	/** The terminals that can be watched. @param plugins those that run */
	listTerminals(plugins: readonly string[]): Promise<readonly TerminalChoice[]>;
	/** Attaches to one, or opens it. Rejects with what it is refused with. */
	watchTerminal(choice: TerminalChoice, size: TerminalSize): Promise<WatchedTerminal>;
	close(): Promise<void>;
}
