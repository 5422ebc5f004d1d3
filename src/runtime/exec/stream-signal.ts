/** The signals of a session's stream, by the numbers that the terminals of other products have for them. */
export const streamSignals = {
	NONE: 0,
	CLOSE: 1,
	SIGINT: 2,
	SIGQUIT: 3,
	SIGTERM: 4,
	SIGKILL: 5,
	SIGHUP: 6,
	SIGUSR1: 7,
	SIGUSR2: 8,
	SIGWINCH: 9,
	ERROR: 10,
} as const;

export type StreamSignal = keyof typeof streamSignals;

/** A signal that a program can be sent. */
export type ProcessSignal = Exclude<StreamSignal, 'NONE' | 'CLOSE' | 'ERROR'>;

/** The signal of a name or number; `NONE` for what is neither. `INT` is as good as `SIGINT`. */
export function streamSignal(named: string | number): StreamSignal {
	const names = Object.keys(streamSignals) as StreamSignal[];
	if (typeof named === 'number') return names.find((name) => streamSignals[name] === named) ?? 'NONE';
	const upper = named.toUpperCase();
	return names.find((name) => name === upper || name === `SIG${upper}`) ?? 'NONE';
}

/** The signal that a program can be sent, or undefined. */
export function processSignal(named: string | number): ProcessSignal | undefined {
	const signal = streamSignal(named);
	return signal.startsWith('SIG') ? (signal as ProcessSignal) : undefined;
}
