import { clearImmediate, setImmediate } from 'node:timers';
import { onDeno } from '../runtime/platform/on-deno.ts';

/** A wait for a signal to this process. Disposed of, it leaves the signal to others. */
export interface NextSignal extends Disposable {
	/** The first of the signals that came. */
	readonly received: Promise<NodeJS.Signals>;
	/** Aborts at that moment. */
	readonly aborted: AbortSignal;
}

/** Waits for the next of some signals, instead of being ended by it. */
export function nextSignal(...signals: NodeJS.Signals[]): NextSignal {
	const controller = new AbortController();
	let resolve: (signal: NodeJS.Signals) => void = () => {};
	const received = new Promise<NodeJS.Signals>((resolved) => {
		resolve = resolved;
	});
	const onSignal = (signal: NodeJS.Signals) => {
		dispose();
		controller.abort();
		resolve(signal);
	};
	const dispose = () => {
		for (const name of signals) process.off(name, onSignal);
	};
	for (const name of signals) process.on(name, onSignal);
	return { received, aborted: controller.signal, [Symbol.dispose]: dispose };
}

/** Ends this process at the next Ctrl-C or SIGTERM: somebody does not want to wait for what the first one began. */
export function exitOnNextSignal(): Disposable {
	let next: NextSignal | undefined;
	const wait = () => {
		next = nextSignal('SIGINT', 'SIGTERM');
		next.aborted.addEventListener('abort', () => process.exit(130));
	};
	// Deno gives a signal to those too that begin to wait while it is given out: this one would be taken for the next.
	const later = onDeno ? setImmediate(wait) : undefined;
	if (!later) wait();
	return {
		[Symbol.dispose]() {
			clearImmediate(later);
			next?.[Symbol.dispose]();
		},
	};
}
