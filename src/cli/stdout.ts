import { once } from 'node:events';

let gone = false;

/** Lets a reader of stdout leave early (`| head`) without a crash. The executable calls it once. */
export function tolerateClosedStdout(): void {
	process.stdout.on('error', (error: NodeJS.ErrnoException) => {
		if (error.code !== 'EPIPE') throw error;
		gone = true;
	});
}

/** Writes and waits while stdout is behind. False where nobody reads it any more. */
export async function writeStdout(data: string | Uint8Array): Promise<boolean> {
	if (gone) return false;
	if (!process.stdout.write(data)) {
		// 'error' ends the wait too: a reader that leaves never drains.
		await once(process.stdout, 'drain').catch(() => {});
	}
	return !gone;
}
