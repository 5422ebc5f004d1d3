import { visibleLine } from '../../../cli/visible-text.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { nearest } from '../../../toolchain/nearest.ts';
import type { PluginAction } from '../../feed/feed.ts';
import type { CallFacts } from '../../feed/feed-message.ts';
import { type CommandDefinition, commands } from '../../keys/commands.ts';
import type { Key } from '../../keys/key.ts';
import type { Action } from '../../keys/key-map.ts';
import type { Mode } from '../mode.ts';
import { type PaneName, paneNames } from '../pane-name.ts';
import { TextInput } from '../text-input.ts';
import type { Ui } from '../ui.ts';
import { callByWords } from './call-by-words.ts';
import { DetailMode } from './detail-mode.ts';
import { HelpMode } from './help-mode.ts';
import { openForm } from './open-call.ts';
import { openTerminals } from './terminals-mode.ts';

/** The command bar. */
export class CommandMode implements Mode {
	readonly place = 'command';
	readonly input = new TextInput();
	readonly #ui: Ui;
	#tools: readonly string[] = [];
	#fault = '';

	constructor(ui: Ui) {
		this.#ui = ui;
		// The names are for completion only: without them the command still says what is wrong.
		ui.feed.listTools().then(
			(tools) => {
				this.#tools = tools.map(({ name }) => name);
				ui.changed();
			},
			() => {},
		);
	}

	/** Fault of the command that was run. */
	get fault(): string {
		return this.#fault;
	}

	/** Words that the one at the end can become. */
	get candidates(): readonly string[] {
		const words = this.#words;
		const last = words.at(-1) ?? '';
		return this.#choices(words.slice(0, -1)).filter((choice) => choice.startsWith(last));
	}

	/** Syntax of the command that is begun. */
	get usage(): string {
		return commandOf(this.#words[0] ?? '')?.usage ?? '';
	}

	act(action: Action): void {
		switch (action) {
			case 'complete':
				this.#complete();
				return;
			case 'left':
			case 'right':
				this.input.press({ name: action, text: '' });
				return;
			case 'open':
				this.#run();
				return;
			default:
				this.#ui.exit(this);
		}
	}

	type(key: Key): void {
		if (key.name === 'backspace' && this.input.text === '') this.#ui.exit(this);
		else if (this.input.press(key)) this.#fault = '';
	}

	/** Typed words, the one at the end last; that is empty behind a blank. */
	get #words(): readonly string[] {
		return this.input.text.trimStart().split(/\s+/);
	}

	#choices(before: readonly string[]): readonly string[] {
		const [name] = before;
		if (name === undefined) return commands.map((command) => command.name);
		const { snapshot } = this.#ui;
		switch (commandOf(name)?.takes[before.length - 1]) {
			case 'plugin':
				return snapshot.plugins.map(({ id }) => id);
			case 'tool':
				return this.#tools;
			case 'call':
				return snapshot.calls.filter(({ state }) => state === 'running').map(({ id }) => id);
			default:
				return [];
		}
	}

	#complete(): void {
		const { candidates } = this;
		const [first] = candidates;
		if (first === undefined) return;
		let common = first;
		for (const candidate of candidates) while (!candidate.startsWith(common)) common = common.slice(0, -1);
		const words = this.#words.slice(0, -1);
		this.input.set([...words, common].join(' ') + (candidates.length === 1 ? ' ' : ''));
	}

	#run(): void {
		const text = this.input.text.trim();
		if (text === '') {
			this.#ui.exit(this);
			return;
		}
		try {
			this.#do(text);
		} catch (thrown) {
			const { message, hint } = OrchestraError.from(thrown, 'usage');
			this.#fault = hint ? `${message}. ${hint}` : message;
		}
	}

	/** @throws OrchestraError `usage` */
	#do(text: string): void {
		const ui = this.#ui;
		const [name = '', ...words] = text.split(/\s+/);
		const command = commandOf(name) ?? unknownCommand(name);
		const [first] = words;
		if (first === undefined && ['plugin', 'tool', 'call'].includes(command.takes[0] ?? ''))
			throw usage(`${command.name} needs a word`, `Write :${command.usage}.`);
		const pane = paneNames.find((one) => one === command.name);
		const run = pane ? () => ui.show(pane) : this.#commandOf(command.name, first ?? '', words, text);
		ui.exit(this);
		run();
	}

	/** @throws OrchestraError `usage` */
	#commandOf(name: string, first: string, words: readonly string[], text: string): () => void {
		const ui = this.#ui;
		switch (name) {
			case 'restart':
			case 'stop':
			case 'start': {
				const plugin = this.#plugin(first);
				return () => ui.actOn(name as PluginAction, plugin);
			}
			case 'call':
				return words.length === 1
					? () => void openForm(ui, first, undefined)
					: () => void callByWords(ui, first, words.slice(1));
			case 'cancel': {
				const call = ui.model.call(first);
				if (!call) throw usage(`there is no call ${visibleLine(first)}`, 'Tab shows those under way.');
				return () => ui.cancelCall(call);
			}
			case 'filter':
				return () => {
					ui.list.filter = text.slice('filter'.length).trim();
				};
			case 'failures':
				return () => {
					ui.show('calls');
					ui.list.restrict((call) => (call as CallFacts).state === 'failed');
				};
			case 'pause':
				return () => ui.setPaused(!ui.paused);
			case 'follow':
				return () => ui.list.last(ui.snapshot);
			case 'copy':
				return () => copySelected(ui);
			case 'terminals':
				return () => openTerminals(ui);
			case 'help':
				return () => ui.enter(new HelpMode(ui, ui.mode.place));
			default:
				return () => ui.quit();
		}
	}

	#plugin(id: string): string {
		const ids = this.#ui.snapshot.plugins.map((plugin) => plugin.id);
		if (ids.includes(id)) return id;
		const near = nearest(id, ids);
		throw usage(
			`there is no plugin ${visibleLine(id)}`,
			near ? `Did you mean ${visibleLine(near)}?` : `There are: ${ids.map(visibleLine).join(', ')}.`,
		);
	}
}

function copySelected(ui: Ui): void {
	const { mode } = ui;
	const pane: PaneName = mode instanceof DetailMode ? mode.pane : ui.pane;
	const list = ui.lists[pane];
	const item = mode instanceof DetailMode ? mode.item : list.item(ui.snapshot);
	if (item !== undefined) ui.copy(list.pane.copied(item));
}

function commandOf(name: string): CommandDefinition | undefined {
	return commands.find((command) => command.name === name || (name === 'q' && command.name === 'quit'));
}

function unknownCommand(name: string): never {
	const near = nearest(
		name,
		commands.map((command) => command.name),
	);
	throw usage(
		`there is no command ${visibleLine(name)}`,
		near ? `Did you mean ${near}?` : 'Tab shows all of them.',
	);
}

function usage(message: string, hint: string): OrchestraError {
	return new OrchestraError('usage', message, { hint });
}
