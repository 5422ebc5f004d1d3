import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives work a folder of its own under the system's temporary one, and removes it, also where this process is interrupted. */
export async function withScratchFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
	const folder = mkdtempSync(join(realpathSync(tmpdir()), 'orchestra-build-'));
	const remove = () => rmSync(folder, { recursive: true, force: true });
	// Exiting, rather than dying of the signal, lets the other listeners of 'exit' end their processes.
	const exit = (signal: NodeJS.Signals) => process.exit(128 + constants.signals[signal]);
	process.once('exit', remove);
	process.once('SIGINT', exit);
	process.once('SIGTERM', exit);
	try {
		return await work(folder);
	} finally {
		process.off('exit', remove);
		process.off('SIGINT', exit);
		process.off('SIGTERM', exit);
		remove();
	}
}
