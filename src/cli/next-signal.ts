/** A wait for a signal to this process. */
export interface NextSignal {
	/** The first of the signals that came. */
	readonly received: Promise<NodeJS.Signals>;
	/** Aborts at that moment. */
	readonly aborted: AbortSignal;
}

/** Waits for the next of some signals, instead of being ended by it. */
export function nextSignal(...signals: NodeJS.Signals[]): NextSignal {
	const controller = new AbortController();
	const received = new Promise<NodeJS.Signals>((resolve) => {
		const onSignal = (signal: NodeJS.Signals) => {
			for (const name of signals) process.off(name, onSignal);
			controller.abort();
			resolve(signal);
		};
		for (const name of signals) process.on(name, onSignal);
	});
	return { received, aborted: controller.signal };
}
