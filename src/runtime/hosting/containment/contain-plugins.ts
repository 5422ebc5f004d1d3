import { type EventLoopWatch, type EventLoopWatchOptions, watchEventLoop } from './event-loop-watch.ts';
import { guardExit } from './exit-guard.ts';
import { guardOutput } from './output-guard.ts';
import { catchStrayErrors, type StrayListeners } from './stray-errors.ts';

/** Plugins that are contained, and listeners for what they leave behind. */
export interface ContainmentOptions extends StrayListeners {
	/** Takes each line that an embedded plugin prints on stdout. Default: stdout is left to plugins. */
	readonly onOutput?: ((plugin: string, line: string) => void) | undefined;
	/** Watch for plugins that block the event loop. Default: nobody watches. */
	readonly watch?: EventLoopWatchOptions | undefined;
}

/** Containment, until it is ended. */
export interface Containment extends Disposable {
	readonly watch: EventLoopWatch | undefined;
	end(): void;
}

/**
 * Contains the plugins that are embedded in this process, from now on: their stray errors are told rather than end the process, they
 * cannot end it with `process.exit` and its kind, and their output stays off its stdout. It is for the process as a whole: a program
 * calls it once, before it loads the first plugin. It is no sandbox: it is against mistakes, and code that means harm needs a process,
 * a user or a machine of its own.
 */
export function containPlugins(options: ContainmentOptions): Containment {
	const ends = [catchStrayErrors(options), guardExit()];
	if (options.onOutput) ends.push(guardOutput(options.onOutput));
	const watch = options.watch && watchEventLoop(options.watch);
	if (watch) ends.push(watch.close);
	const end = () => {
		for (const stop of ends.splice(0)) stop();
	};
	return { watch, end, [Symbol.dispose]: end };
}
