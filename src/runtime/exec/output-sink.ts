import type { ExitStatus } from '../platform/exit-status.ts';
import type { StreamError } from '../services/exec-service.ts';
import type { StreamSignal } from './stream-signal.ts';
import type { OutputTarget } from './terminal/terminal.ts';

/** Output of a session for its viewers, in order: output, at most one `ERROR`, one `CLOSE`, and nothing after. */
export interface SessionOutput {
	/** The id of the session. */
	readonly id: string;
	readonly target: OutputTarget;
	readonly data: Uint8Array;
	readonly signal: StreamSignal;
	/** The place of the data in all output. */
	readonly offset: number;
	/** Bytes before it that are not kept any more; 0 but for a viewer that was away for long. */
	readonly missed: number;
	/** With `ERROR`. */
	readonly error?: StreamError;
	/** With `CLOSE`. */
	readonly exit?: ExitStatus;
}

/** Receiver of output. A promise that it returns makes the session wait: nothing is ever dropped. */
export interface OutputSink {
	onOutput(output: SessionOutput): void | Promise<void>;
	/** The viewer was detached by the session: it held up others. */
	onDetached?(reason: string): void;
}
