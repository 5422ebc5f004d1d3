import type { ListedTool } from '../../../runtime/client/listings.ts';
import type { Key } from '../../keys/key.ts';
import type { Action } from '../../keys/key-map.ts';
import type { Mode } from '../mode.ts';
import { TextInput } from '../text-input.ts';
import type { Ui } from '../ui.ts';
import { FormMode } from './form-mode.ts';

/** The choice of a tool. Typing searches. */
export class ToolsMode implements Mode {
	readonly place = 'tools';
	readonly input = new TextInput();
	readonly #ui: Ui;
	readonly #tools: readonly ListedTool[];
	#index = 0;
	#offset = 0;

	constructor(ui: Ui, tools: readonly ListedTool[]) {
		this.#ui = ui;
		this.#tools = tools;
	}

	get selected(): ListedTool | undefined {
		return this.#found()[this.#index];
	}

	/** The tools that are shown. */
	rows(height: number): readonly ListedTool[] {
		const found = this.#found();
		this.#offset = Math.min(Math.max(this.#offset, this.#index - height + 1, 0), this.#index);
		return found.slice(this.#offset, this.#offset + height);
	}

	act(action: Action): void {
		const { page } = this.#ui;
		const step = { up: -1, down: 1, 'page-up': -page, 'page-down': page }[action as string];
		if (step !== undefined) {
			this.#index = Math.max(0, Math.min(this.#found().length - 1, this.#index + step));
			return;
		}
		const { selected } = this;
		if (action === 'open' && !selected) return;
		this.#ui.exit(this);
		if (action === 'open' && selected) this.#ui.enter(new FormMode(this.#ui, selected));
	}

	type(key: Key): void {
		if (this.input.press(key)) this.#index = 0;
	}

	#found(): readonly ListedTool[] {
		const words = this.input.text.toLowerCase().split(/\s+/).filter(Boolean);
		if (words.length === 0) return this.#tools;
		return this.#tools.filter(({ name, plugin = '', description }) => {
			const text = `${name} ${plugin} ${description}`.toLowerCase();
			return words.every((word) => text.includes(word));
		});
	}
}
