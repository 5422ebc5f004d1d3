/** Milliseconds between two looks whether the host still runs. */
const lookEveryMs = 1_000;

/** Process that started this one, read as early as can be. */
const parent = process.ppid;

/** Calls back when the process that started this one has gone, however it went. */
export function watchHost(gone: () => void): { stop(): void } {
	const timer = setInterval(() => {
		if (process.ppid !== parent) gone();
	}, lookEveryMs);
	timer.unref();
	return { stop: () => clearInterval(timer) };
}

/**
 * Writes a line to the host. A host that ended before this module was loaded was never seen as a parent; but nobody reads this line then.
 *
 * @returns whether the host can read it
 */
export function sayToHost(line: string): Promise<boolean> {
	return new Promise((resolve) => {
		// Without a listener a pipe that nobody reads ends the process with a stack trace.
		process.stdout.on('error', () => resolve(false));
		process.stdout.write(`${line}\n`, (error) => resolve(!error));
	});
}
