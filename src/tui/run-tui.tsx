import { render } from 'ink';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import type { Feed } from './feed/feed.ts';
import { App } from './screen/app.tsx';
import { ownSignals } from './terminal/own-signals.ts';
import { Terminal, type TerminalLoss } from './terminal/terminal.ts';
import { DetailMode } from './view/modes/detail-mode.ts';
import { openCall } from './view/modes/open-call.ts';
import type { PaneName } from './view/pane-name.ts';
import { type Departure, Ui } from './view/ui.ts';

/** How the interface is run. */
export interface TuiOptions {
	/** What it shows; it is closed at the end. */
	readonly feed: Feed;
	/** The pane to begin with. Default: plugins. */
	readonly pane?: PaneName | undefined;
	/** Asked before `q` quits. Default: it quits at once. */
	readonly quitQuestion?: string | undefined;
	/** Aborting it leaves. */
	readonly signal?: AbortSignal | undefined;
	/** Hears what others print meanwhile; after the end it is printed. */
	readonly onText?: ((text: string) => void) | undefined;
	/** Whether SIGHUP means that the terminal hangs up. Default true; false where it has a meaning of its own. */
	readonly hangsUp?: boolean | undefined;
	/** What to begin with: a call of the feed, opened, or the choice of a tool to call. Default: the pane's list. */
	readonly opens?: { readonly call: string } | 'call' | undefined;
}

/** Why the interface ended. */
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
	const terminal = new Terminal({ onText, onLoss, hangsUp });
	const { screen } = terminal;
	const ui = new Ui({
		feed,
		pane: options.pane,
		quitQuestion: options.quitQuestion,
		copy: (text) => terminal.copy(text),
	});
	const size = () => ({ columns: screen.columns, rows: screen.rows });
	const ink = ownSignals(() =>
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
	// It ends by itself only where a component throws.
	const failed = ink.waitUntilExit().then(() => {
		throw new OrchestraError('internal', 'the screen is gone');
	});
	const aborted = new Promise<'aborted'>((resolve) => {
		if (signal?.aborted) resolve('aborted');
		signal?.addEventListener('abort', () => resolve('aborted'), { once: true });
	});
	try {
		ui.open();
		begin(ui, options.opens);
		return await Promise.race([ui.left, lost, aborted, failed]);
	} finally {
		failed.catch(() => {});
		ui.close();
		await terminal.leave();
		ink.unmount();
		await feed.close();
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
