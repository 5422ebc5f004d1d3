import type { Key } from '../../keys/key.ts';
import { type Action, type Binding, keyLabel, keyMap, type Place } from '../../keys/key-map.ts';
import type { Mode } from '../mode.ts';
import { TextInput } from '../text-input.ts';
import type { Ui } from '../ui.ts';

/** Names of places in the help. */
const placeNames: Readonly<Record<Place, string>> = {
	plugins: 'Plugins',
	calls: 'Calls',
	events: 'Events',
	subscriptions: 'Subscriptions',
	logs: 'Logs',
	nodes: 'Nodes',
	detail: 'What is opened',
	help: 'Help',
	filter: 'Filter',
	command: 'Command',
	tools: 'Choice of a tool',
	form: 'Form of a call',
	terminals: 'Choice of a terminal',
	confirm: 'A question',
};

/** A line of the help. */
export interface HelpEntry {
	readonly heading: boolean;
	readonly keys: string;
	readonly text: string;
}

/** All keys, those of the place that it was asked in first. Typing searches them. */
export class HelpMode implements Mode {
	readonly place = 'help';
	readonly input = new TextInput();
	readonly #ui: Ui;
	readonly #from: Place;
	#scroll = 0;
	#lastScroll = 0;

	constructor(ui: Ui, from: Place) {
		this.#ui = ui;
		this.#from = from;
	}

	/** The lines that are shown. */
	lines(height: number): {
		readonly lines: readonly HelpEntry[];
		readonly from: number;
		readonly of: number;
	} {
		const all = helpLines(this.#from, this.input.text);
		this.#lastScroll = Math.max(0, all.length - height);
		this.#scroll = Math.min(this.#scroll, this.#lastScroll);
		return { lines: all.slice(this.#scroll, this.#scroll + height), from: this.#scroll, of: all.length };
	}

	act(action: Action): void {
		const step = { up: -1, down: 1, 'page-up': -this.#ui.page, 'page-down': this.#ui.page }[action as string];
		if (step !== undefined) this.#scroll = Math.max(0, Math.min(this.#lastScroll, this.#scroll + step));
		else this.#ui.exit(this);
	}

	type(key: Key): void {
		if (key.name === '?' && this.input.text === '') this.#ui.exit(this);
		else if (this.input.press(key)) this.#scroll = 0;
	}
}

/** The help, as far as it has what is searched. */
export function helpLines(from: Place, search: string): HelpEntry[] {
	const words = search.toLowerCase().split(/\s+/).filter(Boolean);
	const fits = ({ keys, short = '', help }: Binding) => {
		const text = `${keys.map(keyLabel).join(' ')} ${short} ${help}`.toLowerCase();
		return words.every((word) => text.includes(word));
	};
	const here = keyMap.filter((binding) => binding.places.includes(from));
	const rest = keyMap.filter((binding) => !binding.places.includes(from));
	return [
		...section(placeNames[from], here.filter(fits), () => ''),
		...section('Elsewhere', rest.filter(fits), ({ places }) => ` (${placesText(places)})`),
	];
}

function section(
	title: string,
	bindings: readonly Binding[],
	more: (binding: Binding) => string,
): HelpEntry[] {
	if (bindings.length === 0) return [];
	return [
		{ heading: true, keys: '', text: title },
		...bindings.map((binding) => ({
			heading: false,
			keys: binding.keys.map(keyLabel).join(' '),
			text: `${binding.help}${more(binding)}`,
		})),
	];
}

function placesText(places: readonly Place[]): string {
	const names = places.map((place) => placeNames[place].toLowerCase());
	return names.length > 2 ? `${names[0]}, …` : names.join(', ');
}
