import { constants } from 'node:os';
import { errorStyle } from './style.ts';

/** Shows a new step of the work, in place of the one before; given by {@link withSpinner}. */
export type ShowStep = (text: string) => void;

const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Shows on a terminal's stderr that something is under way; elsewhere, and with `quiet`, nothing. The line is gone when the
 * work ends, however it ends.
 */
export async function withSpinner<T>(
	quiet: boolean,
	text: string,
	work: (show: ShowStep) => Promise<T>,
): Promise<T> {
	const { stderr, env } = process;
	if (quiet || !stderr.isTTY || env.CI || env.TERM === 'dumb') return work(() => {});
	const { default: yoctoSpinner } = await import('yocto-spinner');
	const spinner = yoctoSpinner({ text: errorStyle.dim(text), stream: stderr });
	keepListeners(() => spinner.start());
	const stop = () => spinner.stop();
	const onSignal = (signal: NodeJS.Signals) => {
		stop();
		// Nobody else wants to end the work in his own way.
		if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
	};
	process.once('exit', stop);
	// First, while the listeners that take themselves off are still there.
	for (const signal of signals) process.prependListener(signal, onSignal);
	try {
		return await work((step) => {
			spinner.text = errorStyle.dim(step);
		});
	} finally {
		for (const signal of signals) process.off(signal, onSignal);
		process.off('exit', stop);
		stop();
	}
}

/** Does something, and takes off the listeners of signals that it put on: the library's end the process, whoever else listens. */
function keepListeners(work: () => void): void {
	const before = signals.map((signal) => process.listeners(signal));
	work();
	for (const [i, signal] of signals.entries()) {
		for (const listener of process.listeners(signal)) {
			if (!before[i]?.includes(listener)) process.off(signal, listener);
		}
	}
}
