import type { Key } from '../../keys/key.ts';
import type { Action } from '../../keys/key-map.ts';
import type { ListState } from '../list-state.ts';
import type { Mode } from '../mode.ts';
import { TextInput } from '../text-input.ts';
import type { Ui } from '../ui.ts';

/** The filter of a list, while it is typed. */
export class FilterMode implements Mode {
	readonly place = 'filter';
	readonly input: TextInput;
	readonly #ui: Ui;
	readonly #list: ListState;

	constructor(ui: Ui) {
		this.#ui = ui;
		this.#list = ui.list;
		this.input = new TextInput(ui.list.filter);
	}

	act(action: Action): void {
		if (action === 'back') this.#list.filter = '';
		if (action === 'left' || action === 'right') this.input.press({ name: action, text: '' });
		else this.#ui.exit(this);
	}

	type(key: Key): void {
		if (key.name === 'up' || key.name === 'down')
			this.#list.move(this.#ui.snapshot, key.name === 'up' ? -1 : 1);
		else if (this.input.press(key)) this.#list.filter = this.input.text;
	}
}
