import type { TerminalChoice } from '../../feed/terminals.ts';
import type { Action } from '../../keys/key-map.ts';
import type { Mode } from '../mode.ts';
import type { Ui } from '../ui.ts';

/** Milliseconds between two questions for what there is. */
const askAgainMs = 2_000;

/** The choice of a terminal: a session to come back to, or a resource to open a new one on. */
export class TerminalsMode implements Mode {
	readonly place = 'terminals';
	readonly #ui: Ui;
	#choices: readonly TerminalChoice[];
	#key: string;
	#offset = 0;
	#askedAt = Date.now();
	#asking = false;

	constructor(ui: Ui, choices: readonly TerminalChoice[]) {
		this.#ui = ui;
		this.#choices = choices;
		this.#key = choices[0] ? keyOf(choices[0]) : '';
	}

	get selected(): TerminalChoice | undefined {
		return this.#choices[this.#index];
	}

	/** The choices that are shown. */
	rows(height: number): readonly TerminalChoice[] {
		this.#offset = Math.min(Math.max(this.#offset, this.#index - height + 1, 0), this.#index);
		return this.#choices.slice(this.#offset, this.#offset + height);
	}

	act(action: Action): void {
		const { page } = this.#ui;
		const far = this.#choices.length;
		const step = { up: -1, down: 1, 'page-up': -page, 'page-down': page, first: -far, last: far }[
			action as string
		];
		if (step !== undefined) {
			const index = Math.max(0, Math.min(far - 1, this.#index + step));
			const choice = this.#choices[index];
			if (choice) this.#key = keyOf(choice);
			return;
		}
		if (action === 'open') {
			if (this.selected) this.#ui.watchTerminal(this.selected);
			return;
		}
		this.#ui.exit(this);
	}

	refresh(): void {
		if (Date.now() - this.#askedAt >= askAgainMs) this.#ask();
	}

	terminalBack(left: TerminalChoice | undefined): void {
		if (left) this.#key = keyOf(left);
		this.#ask();
	}

	/** Asks again for what there is. */
	#ask(): void {
		if (this.#asking) return;
		this.#asking = true;
		this.#ui
			.listTerminals()
			.then(
				(choices) => {
					// Another one at the same place is selected where the selected one is gone.
					const index = Math.max(0, Math.min(this.#index, choices.length - 1));
					this.#choices = choices;
					const has = choices.some((choice) => keyOf(choice) === this.#key);
					const there = choices[index];
					if (!has && there) this.#key = keyOf(there);
					this.#ui.changed();
				},
				// The list stays until it can be asked again; the heading says that the server is gone.
				() => {},
			)
			.finally(() => {
				this.#askedAt = Date.now();
				this.#asking = false;
			});
	}

	get #index(): number {
		const index = this.#choices.findIndex((choice) => keyOf(choice) === this.#key);
		return Math.max(0, index);
	}
}

/** Opens the choice of a terminal. */
export function openTerminals(ui: Ui): void {
	ui.listTerminals().then(
		(choices) => {
			if (choices.length === 0) ui.say('there are no terminals', 'warn');
			else ui.enter(new TerminalsMode(ui, choices));
		},
		(error: unknown) => ui.complain(error),
	);
}

function keyOf(choice: TerminalChoice): string {
	const { behind = '' } = choice;
	return choice.kind === 'session'
		? `session ${behind}/${choice.session.id}`
		: `resource ${behind}/${choice.resource.plugin}/${choice.resource.resource}`;
}
