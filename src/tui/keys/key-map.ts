import { type PaneName, paneNames } from '../view/pane-name.ts';

/** Place at which a key is pressed: a pane's list, or what stands over it. */
export type Place =
	| PaneName
	| 'detail'
	| 'help'
	| 'filter'
	| 'command'
	| 'tools'
	| 'form'
	| 'terminals'
	| 'confirm';

/** Everything that a key can mean. */
export type Action =
	| 'up'
	| 'down'
	| 'page-up'
	| 'page-down'
	| 'first'
	| 'last'
	| 'left'
	| 'right'
	| 'open'
	| 'back'
	| 'next-pane'
	| 'previous-pane'
	| 'pane-1'
	| 'pane-2'
	| 'pane-3'
	| 'pane-4'
	| 'pane-5'
	| 'pane-6'
	| 'filter'
	| 'command'
	| 'complete'
	| 'pause'
	| 'follow'
	| 'failures'
	| 'copy'
	| 'call'
	| 'cancel'
	| 'restart'
	| 'start-stop'
	| 'terminals'
	| 'help'
	| 'yes'
	| 'no'
	| 'quit'
	| 'interrupt';

/** A key, and what it means somewhere. */
export interface Binding {
	readonly keys: readonly string[];
	readonly action: Action;
	readonly places: readonly Place[];
	/** Over what is opened: only where it is of such a pane. Default: any. */
	readonly only?: PaneName;
	/** One or two words for the help line; left out, it stands in the help only. */
	readonly short?: string;
	/** A sentence for the help. */
	readonly help: string;
}

const lists: readonly Place[] = paneNames;
const scrolled: readonly Place[] = [...lists, 'detail', 'help', 'tools', 'terminals'];
const typed: readonly Place[] = ['filter', 'command', 'form', 'tools'];

/** All keys. The help line, the help and the handling are made from it; what stands first is shown first. */
export const keyMap: readonly Binding[] = [
	{
		keys: ['enter'],
		action: 'open',
		places: lists,
		short: 'open',
		help: 'Open what is selected: its facts, error and cause.',
	},
	{ keys: ['enter'], action: 'open', places: ['tools'], short: 'choose', help: 'Choose the tool.' },
	{
		keys: ['enter'],
		action: 'open',
		places: ['form'],
		short: 'call',
		help: 'Call the tool with these arguments.',
	},
	{
		keys: ['enter'],
		action: 'open',
		places: ['terminals'],
		short: 'attach',
		help: 'Give the whole terminal to it; ctrl+] comes back.',
	},
	{ keys: ['enter'], action: 'open', places: ['command'], short: 'run', help: 'Run the command.' },
	{
		keys: ['enter'],
		action: 'open',
		places: ['filter'],
		short: 'keep',
		help: 'Keep the filter, and go back to the list.',
	},
	{ keys: ['y'], action: 'yes', places: ['confirm'], short: 'yes', help: 'Do it.' },
	{ keys: ['n', 'esc', 'q'], action: 'no', places: ['confirm'], short: 'no', help: 'Leave it.' },
	{
		keys: ['esc'],
		action: 'back',
		places: ['detail', 'help', 'terminals'],
		short: 'back',
		help: 'Go back to where you were.',
	},
	{ keys: ['esc'], action: 'back', places: ['filter'], short: 'drop it', help: 'Take the filter away.' },
	{
		keys: ['esc'],
		action: 'back',
		places: ['command', 'tools', 'form'],
		short: 'leave',
		help: 'Leave without doing anything.',
	},
	{ keys: ['esc'], action: 'back', places: lists, help: 'Take the filter away.' },
	{
		keys: ['e'],
		action: 'failures',
		places: ['calls'],
		short: 'failures',
		help: 'Show the calls that failed only, or all again.',
	},
	{
		keys: ['x'],
		action: 'cancel',
		places: ['calls', 'detail'],
		only: 'calls',
		short: 'cancel',
		help: 'Cancel the call, where it still runs.',
	},
	{
		keys: ['r'],
		action: 'restart',
		places: ['plugins', 'detail'],
		only: 'plugins',
		short: 'restart',
		help: 'Restart the plugin; asks first.',
	},
	{
		keys: ['s'],
		action: 'start-stop',
		places: ['plugins'],
		short: 'stop/start',
		help: 'Stop the plugin, or start it where it is stopped; asks first.',
	},
	{
		keys: ['c'],
		action: 'call',
		places: [...lists, 'detail'],
		short: 'call',
		help: 'Call a tool, by a form. On a call: once more.',
	},
	{
		keys: ['t'],
		action: 'terminals',
		places: [...lists, 'detail'],
		help: 'Come back to a terminal session, or open one.',
	},
	{
		keys: ['/'],
		action: 'filter',
		places: lists,
		short: 'filter',
		help: 'Show only what has some text in it, while you type.',
	},
	{
		keys: ['f'],
		action: 'follow',
		places: ['calls', 'events', 'logs'],
		short: 'follow',
		help: 'Keep to the newest, or stay where you are.',
	},
	{
		keys: [' '],
		action: 'pause',
		places: [...lists, 'detail'],
		short: 'pause',
		help: 'Hold everything still, and go on.',
	},
	{
		keys: ['y'],
		action: 'copy',
		places: [...lists, 'detail'],
		short: 'copy',
		help: 'Copy what is selected to the clipboard (OSC 52).',
	},
	{
		keys: [':'],
		action: 'command',
		places: [...lists, 'detail'],
		short: 'command',
		help: 'Type a command: restart, stop, start, call, filter, quit, …',
	},
	{ keys: ['tab'], action: 'complete', places: ['command'], short: 'complete', help: 'Complete the word.' },
	{
		keys: ['tab', 'down'],
		action: 'down',
		places: ['form'],
		short: 'next field',
		help: 'Go to the next field.',
	},
	{ keys: ['shift+tab', 'up'], action: 'up', places: ['form'], help: 'Go to the field before.' },
	{
		keys: ['left'],
		action: 'left',
		places: ['form', 'command', 'filter'],
		help: 'Left in the text, or the value before.',
	},
	{
		keys: ['right'],
		action: 'right',
		places: ['form'],
		short: 'next value',
		help: 'Right in the text, or the next value.',
	},
	{ keys: ['right'], action: 'right', places: ['command', 'filter'], help: 'Right in the text.' },
	{ keys: ['tab'], action: 'next-pane', places: lists, help: 'Go to the next pane.' },
	{ keys: ['shift+tab'], action: 'previous-pane', places: lists, help: 'Go to the pane before.' },
	{
		keys: ['1'],
		action: 'pane-1',
		places: [...lists, 'detail'],
		help: 'Plugins: how they stand, and their figures.',
	},
	{ keys: ['2'], action: 'pane-2', places: [...lists, 'detail'], help: 'Calls: under way and over.' },
	{ keys: ['3'], action: 'pane-3', places: [...lists, 'detail'], help: 'Events, as they are published.' },
	{ keys: ['4'], action: 'pane-4', places: [...lists, 'detail'], help: 'Subscriptions: who hears what.' },
	{ keys: ['5'], action: 'pane-5', places: [...lists, 'detail'], help: 'Logs of all plugins.' },
	{ keys: ['6'], action: 'pane-6', places: [...lists, 'detail'], help: 'Nodes of the cluster, if any.' },
	{ keys: ['up', 'k'], action: 'up', places: [...lists, 'detail', 'terminals'], help: 'Up.' },
	{ keys: ['down', 'j'], action: 'down', places: [...lists, 'detail', 'terminals'], help: 'Down.' },
	{ keys: ['up'], action: 'up', places: ['tools', 'help'], help: 'Up.' },
	{ keys: ['down'], action: 'down', places: ['tools', 'help'], short: 'scroll', help: 'Down.' },
	{ keys: ['pageup', 'ctrl+u', 'ctrl+b'], action: 'page-up', places: scrolled, help: 'A page up.' },
	{ keys: ['pagedown', 'ctrl+d', 'ctrl+f'], action: 'page-down', places: scrolled, help: 'A page down.' },
	{ keys: ['home', 'g'], action: 'first', places: [...lists, 'detail', 'terminals'], help: 'To the first.' },
	{ keys: ['end', 'G'], action: 'last', places: [...lists, 'detail', 'terminals'], help: 'To the last.' },
	{ keys: ['left', 'p'], action: 'left', places: ['detail'], help: 'The one before, opened.' },
	{ keys: ['right', 'n'], action: 'right', places: ['detail'], short: 'next', help: 'The next one, opened.' },
	{
		keys: ['?'],
		action: 'help',
		places: [...lists, 'detail'],
		short: 'help',
		help: 'All keys. Type to search them.',
	},
	{ keys: ['q'], action: 'quit', places: [...lists, 'detail'], short: 'quit', help: 'Quit.' },
	{
		keys: ['ctrl+c'],
		action: 'interrupt',
		places: [...lists, 'detail', 'help', 'confirm', 'terminals', ...typed],
		help: 'Quit at once.',
	},
];

const byPlace = new Map<Place, Map<string, Binding>>();
for (const binding of keyMap) {
	for (const place of binding.places) {
		const bindings = byPlace.get(place) ?? new Map<string, Binding>();
		byPlace.set(place, bindings);
		for (const key of binding.keys) if (!bindings.has(key)) bindings.set(key, binding);
	}
}

/** Binding of a key at a place; undefined for none. */
export function bindingOf(place: Place, key: string): Binding | undefined {
	return byPlace.get(place)?.get(key);
}

/** The keys of a place that its help line shows. @param pane the pane of what is opened */
export function shortBindings(place: Place, pane: PaneName): Binding[] {
	return keyMap.filter(
		({ places, short, only }) =>
			short !== undefined && places.includes(place) && (place !== 'detail' || (only ?? pane) === pane),
	);
}

const symbols: Readonly<Record<string, string>> = {
	enter: '⏎',
	esc: 'esc',
	up: '↑',
	down: '↓',
	left: '←',
	right: '→',
	tab: 'tab',
	' ': 'space',
	pageup: 'pgup',
	pagedown: 'pgdn',
};

/** A key as people write it. */
export function keyLabel(key: string): string {
	return symbols[key] ?? key;
}
