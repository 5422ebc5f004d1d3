/** Kind of a word of a command, for its completion. */
export type CommandWord = 'plugin' | 'tool' | 'call' | 'text' | 'argument';

/** A command of the command bar. */
export interface CommandDefinition {
	readonly name: string;
	/** Words that follow its name. */
	readonly takes: readonly CommandWord[];
	/** Syntax of what it takes, for the hint. */
	readonly usage: string;
	readonly help: string;
}

/** All commands of the command bar. */
export const commands: readonly CommandDefinition[] = [
	{ name: 'restart', takes: ['plugin'], usage: 'restart PLUGIN', help: 'Restart a plugin.' },
	{ name: 'stop', takes: ['plugin'], usage: 'stop PLUGIN', help: 'Stop a plugin.' },
	{ name: 'start', takes: ['plugin'], usage: 'start PLUGIN', help: 'Start a plugin.' },
	{
		name: 'call',
		takes: ['tool', 'argument'],
		usage: 'call TOOL [KEY=VALUE…]',
		help: 'Call a tool; without arguments, by a form.',
	},
	{ name: 'cancel', takes: ['call'], usage: 'cancel CALL', help: 'Cancel a call under way.' },
	{
		name: 'filter',
		takes: ['text'],
		usage: 'filter [TEXT]',
		help: 'Show only what has the text in it; without it, everything.',
	},
	{ name: 'failures', takes: [], usage: 'failures', help: 'Show the calls that failed.' },
	{ name: 'pause', takes: [], usage: 'pause', help: 'Hold everything still, and go on.' },
	{ name: 'follow', takes: [], usage: 'follow', help: 'Keep to the newest.' },
	{ name: 'copy', takes: [], usage: 'copy', help: 'Copy what is selected.' },
	{ name: 'plugins', takes: [], usage: 'plugins', help: 'Go to that pane.' },
	{ name: 'calls', takes: [], usage: 'calls', help: 'Go to that pane.' },
	{ name: 'events', takes: [], usage: 'events', help: 'Go to that pane.' },
	{ name: 'subscriptions', takes: [], usage: 'subscriptions', help: 'Go to that pane.' },
	{ name: 'logs', takes: [], usage: 'logs', help: 'Go to that pane.' },
	{ name: 'nodes', takes: [], usage: 'nodes', help: 'Go to that pane, in a cluster.' },
	{
		name: 'terminals',
		takes: [],
		usage: 'terminals',
		help: 'Come back to a terminal session, or open one.',
	},
	{ name: 'help', takes: [], usage: 'help', help: 'All keys.' },
	{ name: 'quit', takes: [], usage: 'quit', help: 'Quit.' },
];
