import type { ExecHandler } from '../../runtime/exec/exec-handler.ts';
import { ExecManager, type ExecManagerOptions } from '../../runtime/exec/exec-manager.ts';
import type { Plugin } from '../../runtime/plugin/definition/plugin.ts';
import type { SessionInput } from '../../runtime/services/exec-service.ts';
import { FakeExecClock } from './fake-exec-clock.ts';
import { type FakeTerminal, FakeTerminals } from './fake-terminal.ts';
import { RecordingOutput } from './recording-output.ts';

/** A session that a harness has opened. */
export interface MountedSession {
	readonly id: string;
	readonly terminal: FakeTerminal;
	/** Output of a viewer that watches from the first byte. */
	readonly output: RecordingOutput;
	/** Types. */
	type(text: string): Promise<void>;
}

/**
 * The exec handlers of a plugin on fake terminals and a clock of the test: no PTY, no process, no waiting.
 *
 * @example
 * await using harness = new ExecHarness(plugin);
 * const { terminal, output } = await harness.mount({ resource: 'shell' });
 */
export class ExecHarness implements AsyncDisposable {
	readonly manager: ExecManager;
	readonly terminals = new FakeTerminals();
	readonly clock = new FakeExecClock();
	/** The `ERROR` and `CLOSE` of every session. */
	readonly ends = new RecordingOutput();

	/** @param plugin a plugin, or its handlers */
	constructor(plugin: Plugin | readonly ExecHandler[], options: ExecManagerOptions = {}) {
		const isPlugin = (value: typeof plugin): value is Plugin => !Array.isArray(value);
		const [id, handlers] = isPlugin(plugin) ? [plugin.id, plugin.execs ?? []] : ['test', plugin];
		this.manager = new ExecManager(id, handlers, {
			terminals: this.terminals.factory,
			clock: this.clock,
			sink: this.ends,
			...options,
		});
	}

	/** Opens a session, in the name of `tester`. Rejects with what it is refused with. */
	async mount(input: SessionInput = {}, caller = 'tester'): Promise<MountedSession> {
		const output = new RecordingOutput();
		const viewer = await this.manager.open(input, output, { caller });
		return {
			id: viewer.session.id,
			terminal: this.terminals.last,
			output,
			type: (text) => viewer.write(Buffer.from(text)),
		};
	}

	/** Ends all sessions. */
	async [Symbol.asyncDispose](): Promise<void> {
		await this.manager.closeAll();
	}
}

/** A handler that begins and does nothing. */
export const noopHandler: ExecHandler = { resource: 'noop', tty: () => {}, session: () => {} };

/** A handler that refuses to begin. */
export const failingHandler = (error: unknown): ExecHandler => ({
	resource: 'failing',
	tty() {
		throw error;
	},
});

/** A handler whose sessions the test ends: `stop` ends the one that was opened last. */
export function stoppableHandler(): { readonly handler: ExecHandler; stop(error?: unknown): void } {
	let stop: (error?: unknown) => void = () => {};
	return {
		handler: {
			resource: 'stoppable',
			tty(_options, _terminal, ctx) {
				stop = ctx.stop;
			},
		},
		stop: (error) => stop(error),
	};
}
