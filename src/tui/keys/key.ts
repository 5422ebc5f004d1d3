import type { Key as InkKey } from 'ink';

/** A key that was pressed, or a text that was pasted. */
export interface Key {
	/** `up`, `enter`, `esc`, `ctrl+c`, `shift+tab`, or the character itself; empty for a text of several. */
	readonly name: string;
	/** What it writes into a text; empty where it writes nothing. */
	readonly text: string;
}

const named: readonly (readonly [flag: keyof InkKey, name: string])[] = [
	['upArrow', 'up'],
	['downArrow', 'down'],
	['leftArrow', 'left'],
	['rightArrow', 'right'],
	['pageUp', 'pageup'],
	['pageDown', 'pagedown'],
	['home', 'home'],
	['end', 'end'],
	['return', 'enter'],
	['escape', 'esc'],
	['backspace', 'backspace'],
	// What most keyboards send for it.
	['delete', 'backspace'],
];

/** A key as ink tells it. */
export function readKey(input: string, key: InkKey): Key {
	if (key.tab) return { name: key.shift ? 'shift+tab' : 'tab', text: '' };
	for (const [flag, name] of named) if (key[flag]) return { name, text: '' };
	if (key.ctrl) return { name: `ctrl+${input}`, text: '' };
	if (key.meta) return { name: `alt+${input}`, text: '' };
	// What is pasted may hold line ends and worse.
	const text = input.replace(/[\r\n\t]+/g, ' ').replace(/\p{Cc}/gu, '');
	return { name: [...text].length === 1 ? text : '', text };
}
