import { render } from 'ink';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import type { Feed } from './feed/feed.ts';
import { App } from './screen/app.tsx';
import {
	FullScreenTerminal,
	type TerminalLoss,
	type TerminalOptions,
} from './terminal/full-screen-terminal.ts';
import { lendTerminal } from './terminal/lend-terminal.ts';
import { ownSignals } from './terminal/own-signals.ts';
import { DetailMode } from './view/modes/detail-mode.ts';
import { ListMode } from './view/modes/list-mode.ts';
import { openCall } from './view/modes/open-call.ts';
import type { PaneName } from './view/pane-name.ts';
import { type Departure, Ui, type UiOptions } from './view/ui.ts';

/** Options of the interface. */
export interface TuiOptions {
	/** Feed to show; it is closed at the end. */
	readonly feed: Feed;
	/** The pane to begin with. Default: plugins. */
	readonly pane?: PaneName | undefined;
	/** Asked before `q` quits. Default: it quits at once. */
	readonly quitQuestion?: string | undefined;
	/** Aborting it leaves. */
	readonly signal?: AbortSignal | undefined;
	/** Called with text that others print meanwhile; after the end it is printed. */
	readonly onText?: ((text: string) => void) | undefined;
	/** Whether SIGHUP means that the terminal hangs up. Default true; false where it has a meaning of its own. */
	readonly hangsUp?: boolean | undefined;
	/** Beginning: a call of the feed, opened, or the choice of a tool to call. Default: the pane's list. */
	readonly opens?: { readonly call: string } | 'call' | undefined;
}

/** Reason for the end of the interface. */
export type TuiEnd = Departure | TerminalLoss | 'aborted';

/**
 * Runs the terminal interface on the terminal of this process, until somebody leaves it, the signal aborts or the terminal goes. The
 * terminal is as before then.
 *
 * @throws what the drawing throws: a defect
 */
export async function runTui(options: TuiOptions): Promise<TuiEnd> {
	const { feed, signal } = options;
	let onLoss: (loss: TerminalLoss) => void = () => {};
	const lost = new Promise<TerminalLoss>((resolve) => {
		onLoss = resolve;
	});
	const { onText = () => {}, hangsUp = true } = options;
	// It ends by itself only where a component throws.
	let onFailure: (error: unknown) => void = () => {};
	const failed = new Promise<never>((_resolve, reject) => {
		onFailure = reject;
	});
	failed.catch(() => {});
	const show = () => new Picture(ui, { onText, onLoss, hangsUp }, onFailure);
	const ended = new AbortController();
	const uiOptions: UiOptions = {
		feed,
		pane: options.pane,
		quitQuestion: options.quitQuestion,
		copy: (text) => picture.terminal.copy(text),
		size: () => ({ rows: picture.terminal.screen.rows, cols: picture.terminal.screen.columns }),
		giveTerminal: async (watched) => {
			await picture.leave();
			try {
				return await lendTerminal(watched, { onText, onLoss, hangsUp, signal: ended.signal });
			} finally {
				if (!ended.signal.aborted) picture = show();
				ui.changed();
			}
		},
	};
	const ui = new Ui(uiOptions, (self) => new ListMode(self));
	let picture = show();
	const aborted = new Promise<'aborted'>((resolve) => {
		if (signal?.aborted) resolve('aborted');
		signal?.addEventListener('abort', () => resolve('aborted'), { once: true });
	});
	try {
		ui.open();
		begin(ui, options.opens);
		return await Promise.race([ui.left, lost, aborted, failed]);
	} finally {
		ended.abort();
		// Whoever has the terminal meanwhile gives it back.
		await ui.watched;
		ui.close();
		await picture.leave();
		await feed.close();
	}
}

/** The interface on the terminal, until it leaves. */
class Picture {
	readonly terminal: FullScreenTerminal;
	readonly #ink: ReturnType<typeof render>;
	#left = false;

	/** @param onFailure hears what the drawing throws */
	constructor(ui: Ui, options: TerminalOptions, onFailure: (error: unknown) => void) {
		this.terminal = new FullScreenTerminal(options);
		const { screen } = this.terminal;
		const size = () => ({ columns: screen.columns, rows: screen.rows });
		this.#ink = ownSignals(() =>
			render(<App ui={ui} size={size} />, {
				stdout: screen as unknown as NodeJS.WriteStream,
				stderr: screen as unknown as NodeJS.WriteStream,
				stdin: process.stdin,
				// Each frame as a whole: what a terminal is told of it is our own affair.
				debug: true,
				exitOnCtrlC: false,
				patchConsole: false,
			}),
		);
		screen.on('resize', () => ui.changed());
		this.#ink.waitUntilExit().then(() => {
			if (!this.#left) onFailure(new OrchestraError('internal', 'the screen is gone'));
		}, onFailure);
	}

	/** Gives the terminal back, as it was. */
	async leave(): Promise<void> {
		if (this.#left) return;
		this.#left = true;
		await this.terminal.leave();
		this.#ink.unmount();
	}
}

function begin(ui: Ui, opens: TuiOptions['opens']): void {
	if (opens === undefined) return;
	ui.resume();
	if (opens === 'call') {
		openCall(ui);
		return;
	}
	ui.show('calls');
	ui.enter(new DetailMode(ui, 'calls', opens.call));
}
