import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { Feed, PluginAction } from '../feed/feed.ts';
import type { CallFacts } from '../feed/feed-message.ts';
import type { TerminalChoice, WatchedTerminal } from '../feed/terminals.ts';
import type { Key } from '../keys/key.ts';
import { bindingOf } from '../keys/key-map.ts';
import { Model } from '../model/model.ts';
import type { PluginView, Snapshot } from '../model/snapshot.ts';
import type { Tone } from '../text/tone.ts';
import { DrawingPace } from './drawing-pace.ts';
import { ListState } from './list-state.ts';
import type { Mode } from './mode.ts';
import { ConfirmMode } from './modes/confirm-mode.ts';
import { type PaneName, paneNames } from './pane-name.ts';
import { panes, shownPanes } from './panes/panes.ts';

/** Milliseconds between two pictures where nothing is told: ages grow. */
const idleMs = 1000;

/** Milliseconds that a notice stands. */
const noticeMs = 6000;

/** Characters that are copied, at most: terminals take no more than about that. */
const maxCopied = 48 * 1024;

/** Reason for leaving the interface. */
export type Departure = 'quit' | 'interrupt';

/** Services that the interface needs from around it. */
export interface UiOptions {
	readonly feed: Feed;
	/** Hands a text to the clipboard. */
	readonly copy: (text: string) => void;
	/** Gives the terminal to a session until it ends or is left; what is to be said then. Left out: there are none. */
	readonly giveTerminal?: ((watched: WatchedTerminal) => Promise<string>) | undefined;
	/** Rows and columns of the terminal. */
	readonly size?: (() => { readonly rows: number; readonly cols: number }) | undefined;
	/** Asked before `q` quits; undefined quits at once. */
	readonly quitQuestion?: string | undefined;
	/** Default: plugins. */
	readonly pane?: PaneName | undefined;
	/** The clock, for tests. Default: Date.now. */
	readonly now?: (() => number) | undefined;
}

/** The state of the terminal interface: what is known, what is shown of it, and what the keys do. The screen draws it. */
export class Ui {
	readonly feed: Feed;
	readonly model = new Model();
	readonly lists: Readonly<Record<PaneName, ListState>>;
	/** Settles when somebody leaves. */
	readonly left: Promise<Departure>;
	readonly #options: UiOptions;
	readonly #now: () => number;
	readonly #listeners = new Set<() => void>();
	readonly #modes: Mode[];
	#leave: (departure: Departure) => void = () => undefined;
	#snapshot: Snapshot;
	#pane: PaneName;
	#paused = false;
	#watched: Promise<void> | undefined;
	#notice: { readonly text: string; readonly tone: Tone; readonly until: number } | undefined;
	#version = 0;
	/** Whether the timer stands for something that was told. */
	#soon = false;
	readonly #pace = new DrawingPace();
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** Rows of the terminal that a page has: the screen says it. */
	page = 10;

	/** @param base makes the mode that has the keys when nothing is over it */
	constructor(options: UiOptions, base: (ui: Ui) => Mode) {
		this.#options = options;
		this.feed = options.feed;
		this.#now = options.now ?? Date.now;
		this.#pane = options.pane ?? 'plugins';
		this.lists = Object.fromEntries(paneNames.map((name) => [name, new ListState(panes[name])])) as Record<
			PaneName,
			ListState
		>;
		this.#modes = [base(this)];
		this.#snapshot = this.model.snapshot(this.#now());
		this.left = new Promise((resolve) => {
			this.#leave = resolve;
		});
	}

	/** Opens the feed, and shows what it tells. */
	open(): void {
		this.feed.open((message) => {
			this.model.take(message, this.#now());
			this.#schedule(true);
		});
		this.#schedule(false);
	}

	/** Ends the pictures; the feed is closed by its owner. */
	close(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#listeners.clear();
	}

	/** One more with each change of what is to be drawn. */
	get version(): number {
		return this.#version;
	}

	get snapshot(): Snapshot {
		return this.#snapshot;
	}

	get pane(): PaneName {
		return this.#pane;
	}

	get list(): ListState {
		return this.lists[this.#pane];
	}

	get paused(): boolean {
		return this.#paused;
	}

	/** Mode that has the keys. */
	get mode(): Mode {
		return this.#modes.at(-1) as Mode;
	}

	/** The list, which has them when nothing is over it. */
	get base(): Mode {
		return this.#modes[0] as Mode;
	}

	/** All of them, the list first, what has the keys last. */
	get modes(): readonly Mode[] {
		return this.#modes;
	}

	get notice(): { readonly text: string; readonly tone: Tone } | undefined {
		return this.#notice && this.#notice.until > this.#now() ? this.#notice : undefined;
	}

	/** Calls back at each change. @returns what ends it */
	readonly subscribe = (listener: () => void): (() => void) => {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	};

	press(key: Key): void {
		const { mode } = this;
		const binding = bindingOf(mode.place, key.name);
		if (binding?.action === 'interrupt') this.#leave('interrupt');
		else if (binding) mode.act(binding.action);
		else mode.type?.(key);
		this.changed();
	}

	/** Draws again, now. */
	changed(): void {
		this.#version++;
		for (const listener of this.#listeners) listener();
	}

	/** Puts something over what is there; it has the keys. */
	enter(mode: Mode): void {
		this.#modes.push(mode);
		mode.refresh?.();
		this.changed();
	}

	/** Takes away what has the keys, or one that is behind, with everything over it. */
	exit(mode: Mode = this.mode): void {
		const index = this.#modes.indexOf(mode);
		if (index > 0) this.#modes.splice(index);
		this.changed();
	}

	/** Goes to a pane, from wherever. */
	show(pane: PaneName): void {
		if (!shownPanes(this.#snapshot).includes(pane)) {
			this.say(panes[pane].empty);
			return;
		}
		this.#modes.splice(1);
		this.#pane = pane;
	}

	setPaused(paused: boolean): void {
		if (!paused) this.resume();
		else this.#paused = true;
	}

	/** Shows the world as it is now, paused or not: for what somebody has just done. */
	resume(): void {
		this.#paused = false;
		this.#picture();
	}

	/** Shows a message for a while. */
	say(text: string, tone: Tone = 'dim'): void {
		this.#notice = { text, tone, until: this.#now() + noticeMs };
		this.changed();
	}

	/** Shows an error. */
	complain(thrown: unknown): void {
		const { message, hint } = OrchestraError.from(thrown, 'internal');
		this.say(hint ? `${message}. ${hint}` : message, 'bad');
	}

	ask(question: string, then: () => void): void {
		const mode = new ConfirmMode(question, (yes) => {
			this.exit(mode);
			if (yes) then();
		});
		this.enter(mode);
	}

	quit(): void {
		const { quitQuestion } = this.#options;
		if (quitQuestion) this.ask(quitQuestion, () => this.#leave('quit'));
		else this.#leave('quit');
	}

	copy(text: string): void {
		if (text.length > maxCopied) {
			this.say(`it has ${text.length} characters: a terminal's clipboard takes ${maxCopied}`, 'bad');
			return;
		}
		this.#options.copy(text);
		this.say('copied to the clipboard of the terminal', 'good');
	}

	/** Starts, stops or restarts a plugin, without asking. */
	actOn(action: PluginAction, plugin: string): void {
		const doing = { start: 'starting', stop: 'stopping', restart: 'restarting' }[action];
		const done = { start: 'started', stop: 'stopped', restart: 'restarted' }[action];
		this.say(`${doing} ${plugin} …`);
		this.feed.act(action, plugin).then(
			() => this.say(`${plugin} was ${done}`, 'good'),
			(error: unknown) => this.complain(error),
		);
	}

	/** Starts, stops or restarts a plugin once it was asked for. */
	askToAct(action: PluginAction, plugin: PluginView): void {
		if (!this.feed.administers) {
			this.say('plugins are started and stopped where they are served', 'warn');
			return;
		}
		const { callsUnderWay } = plugin;
		const calls =
			callsUnderWay > 0 ? ` ${callsUnderWay} call${callsUnderWay === 1 ? ' is' : 's are'} under way.` : '';
		this.ask(`${action} ${plugin.id}?${calls}`, () => this.actOn(action, plugin.id));
	}

	/** Settles when no session has the terminal any more. */
	get watched(): Promise<void> {
		return this.#watched ?? Promise.resolve();
	}

	/** The terminals of the plugins that run. */
	listTerminals(): Promise<readonly TerminalChoice[]> {
		const running = this.#snapshot.plugins.filter(({ state }) => state === 'running');
		return this.feed.listTerminals(running.map(({ id }) => id));
	}

	/** Gives the whole terminal to a session, and comes back. */
	watchTerminal(choice: TerminalChoice): void {
		const { giveTerminal, size } = this.#options;
		if (this.#watched || !giveTerminal) return;
		this.#watched = (async () => {
			let left: TerminalChoice | undefined;
			try {
				const watched = await this.feed.watchTerminal(choice, size?.() ?? { rows: 24, cols: 80 });
				const { session } = watched.attachment;
				left = { kind: 'session', behind: choice.behind, session };
				this.say(await giveTerminal(watched));
			} catch (error) {
				this.complain(error);
			} finally {
				this.#watched = undefined;
				this.mode.terminalBack?.(left);
			}
		})();
	}

	cancelCall(call: CallFacts): void {
		if (call.state !== 'running') {
			this.say(`the call of ${call.name} has ended already`);
			return;
		}
		this.feed.cancel(call).then(
			(cancelled) => this.say(cancelled ? `the call of ${call.name} is cancelled` : 'it had ended already'),
			(error: unknown) => this.complain(error),
		);
	}

	/** Draws the next picture soon, where something was told, else within a second. */
	#schedule(soon: boolean): void {
		if (this.#timer && (this.#soon || !soon)) return;
		clearTimeout(this.#timer);
		this.#soon = soon;
		this.#timer = setTimeout(
			() => {
				this.#timer = undefined;
				this.#picture();
				this.#schedule(false);
			},
			soon ? this.#pace.waitMs : idleMs,
		);
	}

	#picture(): void {
		if (this.#paused) return;
		this.#pace.draw(() => {
			this.#snapshot = this.model.snapshot(this.#now());
			for (const mode of [...this.#modes]) mode.refresh?.();
			this.changed();
		});
	}
}
