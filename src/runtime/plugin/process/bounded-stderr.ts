/** Bytes of lines that may wait for somebody who does not read them. */
const maxWaitingBytes = 1024 * 1024;

let dropped = 0;

/**
 * Writes a line to stderr. Whoever is at its other end may have stopped reading (a Go host does, after READY): then lines are
 * dropped, and counted, rather than kept for ever.
 */
export function writeBounded(line: string): void {
	if (process.stderr.writableLength > maxWaitingBytes) {
		dropped++;
		return;
	}
	if (dropped > 0) {
		process.stderr.write(`WARN  ${dropped} lines of this log were dropped: nobody read them\n`);
		dropped = 0;
	}
	process.stderr.write(`${line}\n`);
}
