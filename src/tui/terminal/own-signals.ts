/**
 * Does something, and takes off the listeners of signals that it put on: a library's would end the process when we do not want it
 * to, whoever else listens.
 */
export function ownSignals<T>(work: () => T): T {
	const names = () =>
		process.eventNames().filter((name) => String(name).startsWith('SIG')) as NodeJS.Signals[];
	const before = new Map(names().map((name) => [name, process.listeners(name)]));
	const result = work();
	for (const name of names()) {
		for (const listener of process.listeners(name)) {
			if (!before.get(name)?.includes(listener)) process.off(name, listener);
		}
	}
	return result;
}
