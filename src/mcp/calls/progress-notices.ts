import type { CallContext } from './call-context.ts';

/** Tells the client of a call how far it is, where it asked. Numbers only grow, as MCP wants it. */
export class ProgressNotices {
	readonly #ctx: CallContext;
	#token: string | number | undefined;
	/** Receives the messages of a call that has become a task. */
	#taskHears: ((message: string) => void) | undefined;
	readonly wanted: boolean;
	#last = -1;
	#count = 0;

	/** @param mayBeTask whether the call may become a task, which says how far it is */
	constructor(ctx: CallContext, mayBeTask = false) {
		this.#ctx = ctx;
		this.#token = ctx.mcpReq._meta?.progressToken;
		this.wanted = mayBeTask || this.#token !== undefined;
	}

	/** The call has become a task: its messages go there. @param also whether its client is told still, as in 2025-11-25 */
	turnTo(taskHears: (message: string) => void, also: boolean): void {
		this.#taskHears = taskHears;
		if (!also) this.#token = undefined;
	}

	/** Passes on progress that the tool reports. */
	readonly report = ({
		progress,
		total,
		message,
	}: {
		progress: number;
		total: number;
		message: string;
	}): void => {
		if (progress <= this.#last) return;
		this.#send(progress, message, total);
	};

	/** Passes on output that comes before the result: each is one step more. */
	readonly say = (message: string): void => {
		this.#count++;
		this.#send(Math.max(this.#count, this.#last + 1), message);
	};

	#send(progress: number, message: string, total = 0): void {
		this.#last = progress;
		this.#taskHears?.(message);
		if (this.#token === undefined) return;
		const params = {
			progressToken: this.#token,
			progress,
			...(total > 0 ? { total } : {}),
			...(message ? { message } : {}),
		};
		// A client that has gone hears nothing; the call itself is cancelled by its signal.
		void this.#ctx.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {});
	}
}
