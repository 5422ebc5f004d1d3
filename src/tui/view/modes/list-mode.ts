import type { CallFacts } from '../../feed/feed-message.ts';
import type { Action } from '../../keys/key-map.ts';
import type { PluginView } from '../../model/snapshot.ts';
import type { Mode } from '../mode.ts';
import { type PaneName, paneNames } from '../pane-name.ts';
import { shownPanes } from '../panes/panes.ts';
import type { Ui } from '../ui.ts';
import { CommandMode } from './command-mode.ts';
import { DetailMode } from './detail-mode.ts';
import { FilterMode } from './filter-mode.ts';
import { HelpMode } from './help-mode.ts';
import { openCall } from './open-call.ts';
import { openTerminals } from './terminals-mode.ts';

/** The list of the pane that is shown. */
export class ListMode implements Mode {
	readonly #ui: Ui;

	constructor(ui: Ui) {
		this.#ui = ui;
	}

	get place(): PaneName {
		return this.#ui.pane;
	}

	act(action: Action): void {
		const ui = this.#ui;
		const { list, snapshot } = ui;
		const item = list.item(snapshot);
		switch (action) {
			case 'up':
				list.move(snapshot, -1);
				return;
			case 'down':
				list.move(snapshot, 1);
				return;
			case 'page-up':
				list.move(snapshot, -ui.page);
				return;
			case 'page-down':
				list.move(snapshot, ui.page);
				return;
			case 'first':
				list.first(snapshot);
				return;
			case 'last':
				list.last(snapshot);
				return;
			case 'open':
				if (item !== undefined) ui.enter(new DetailMode(ui, ui.pane, list.pane.key(item)));
				return;
			case 'back':
				list.filter = '';
				list.restrict(undefined);
				return;
			case 'next-pane':
				ui.show(neighbour(ui, 1));
				return;
			case 'previous-pane':
				ui.show(neighbour(ui, -1));
				return;
			case 'filter':
				ui.enter(new FilterMode(ui));
				return;
			case 'follow':
				if (list.follows) list.follows = false;
				else list.last(snapshot);
				return;
			case 'failures':
				list.restrict(list.restricted ? undefined : (call) => (call as CallFacts).state === 'failed');
				return;
			case 'cancel':
				if (item !== undefined) ui.cancelCall(item as CallFacts);
				return;
			case 'restart':
				if (item !== undefined) ui.askToAct('restart', item as PluginView);
				return;
			case 'start-stop':
				if (item !== undefined) {
					const plugin = item as PluginView;
					const runs = ['running', 'starting'].includes(plugin.state);
					ui.askToAct(runs ? 'stop' : 'start', plugin);
				}
				return;
			case 'copy':
				if (item !== undefined) ui.copy(list.pane.copied(item));
				return;
			default:
				this.#actAnywhere(action);
		}
	}

	/** Does an action that is the same whatever is open. */
	#actAnywhere(action: Action): void {
		const ui = this.#ui;
		switch (action) {
			case 'pause':
				ui.setPaused(!ui.paused);
				return;
			case 'command':
				ui.enter(new CommandMode(ui));
				return;
			case 'help':
				ui.enter(new HelpMode(ui, ui.mode.place));
				return;
			case 'call':
				openCall(ui);
				return;
			case 'terminals':
				openTerminals(ui);
				return;
			case 'quit':
				ui.quit();
				return;
			default: {
				const pane = /^pane-(\d)$/.exec(action);
				const name = pane && paneNames[Number(pane[1]) - 1];
				if (name) ui.show(name);
			}
		}
	}
}

function neighbour({ pane, snapshot }: Ui, by: number): PaneName {
	const shown = shownPanes(snapshot);
	return shown[(shown.indexOf(pane) + by + shown.length) % shown.length] ?? pane;
}
