import type { Action } from '../../keys/key-map.ts';
import type { Mode } from '../mode.ts';
import type { Ui } from '../ui.ts';

/** A question that has to be answered. */
export class ConfirmMode implements Mode {
	readonly place = 'confirm';
	readonly question: string;
	readonly #ui: Ui;
	readonly #then: () => void;

	constructor(ui: Ui, question: string, then: () => void) {
		this.#ui = ui;
		this.question = question;
		this.#then = then;
	}

	act(action: Action): void {
		this.#ui.exit(this);
		if (action === 'yes') this.#then();
	}
}
