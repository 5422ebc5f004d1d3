import { once } from 'node:events';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

let gone = false;
let failure: NodeJS.ErrnoException | undefined;

/**
 * Lets a reader of stdout or stderr leave early (`| head`) without a crash, and remembers what else went wrong with stdout, such
 * as a full disk. The executable calls it once.
 */
export function watchOutput(): void {
	// The command framework throws what is no EPIPE, which would end the process with a stack.
	process.stdout.removeAllListeners('error');
	process.stderr.removeAllListeners('error');
	process.stdout.on('error', (error: NodeJS.ErrnoException) => {
		if (error.code === 'EPIPE') gone = true;
		else failure ??= error;
	});
	// Nothing can be said where nobody listens.
	process.stderr.on('error', () => {});
}

/** Writes and waits while stdout is behind. False where nobody reads it any more. @throws OrchestraError `output_failed` */
export async function writeStdout(data: string | Uint8Array): Promise<boolean> {
	if (gone) return false;
	if (!process.stdout.write(data)) {
		// 'error' ends the wait too: a reader that leaves never drains.
		await once(process.stdout, 'drain').catch(() => {});
	}
	assertWritten();
	return !gone;
}

/** Milliseconds in which somebody who reads takes something of what waits. */
const patienceMs = 1_000;

let isHurried = false;

/** Lets the end of this process wait no longer for a reader of stdout that does not read: somebody told a server to stop. */
export function hurryOutput(): void {
	isHurried = true;
}

/**
 * Waits until everything that was printed has left this process: a result for as long as it takes, remarks on stderr while somebody
 * reads them.
 *
 * @throws OrchestraError `output_failed` where it could not
 */
export async function flushOutput(): Promise<void> {
	const { stdout, stderr } = process;
	await (isHurried ? Promise.race([flushed(stdout), stuck(stdout)]) : flushed(stdout));
	await Promise.race([flushed(stderr), stuck(stderr)]);
	// The error of a write that failed at once comes a turn later.
	await new Promise((resolve) => setImmediate(resolve));
	assertWritten();
}

function assertWritten(): void {
	if (!failure) return;
	const why = failure.code === 'ENOSPC' ? 'no space is left' : failure.message;
	throw new OrchestraError('output_failed', `the result could not be written to standard output: ${why}`, {
		hint: 'Make room, or send the output elsewhere.',
		cause: failure,
	});
}

/** Settles when nothing of what waits has been taken for a while. */
async function stuck(stream: NodeJS.WriteStream): Promise<void> {
	for (let waiting = Number.POSITIVE_INFINITY; stream.writableLength < waiting; ) {
		waiting = stream.writableLength;
		await new Promise((resolve) => setTimeout(resolve, patienceMs).unref());
	}
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
	return new Promise((resolve) => {
		if (stream.writableLength === 0 || stream.destroyed) resolve();
		else stream.write('', () => resolve());
	});
}
