import type { Action } from '../../keys/key-map.ts';
import type { Mode } from '../mode.ts';

/** A question that has to be answered. */
export class ConfirmMode implements Mode {
	readonly place = 'confirm';
	readonly question: string;
	readonly #onAnswer: (yes: boolean) => void;

	constructor(question: string, onAnswer: (yes: boolean) => void) {
		this.question = question;
		this.#onAnswer = onAnswer;
	}

	act(action: Action): void {
		this.#onAnswer(action === 'yes');
	}
}
