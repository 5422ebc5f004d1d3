/** End of a process: with a code, or by a signal. */
export interface ExitStatus {
	/** Null where a signal ended it. */
	readonly code: number | null;
	/** `SIGKILL`, `SIGTERM`, …; null where it ended by itself. */
	readonly signal: string | null;
}

/** `exit code 3` or `SIGKILL`: for a sentence. */
export function formatExit(status: ExitStatus): string {
	return status.signal ?? `exit code ${status.code ?? 'unknown'}`;
}
