import type { ServerContext } from '@modelcontextprotocol/server';

/** Tells the client of a call how far it is, where it asked. Numbers only grow, as MCP wants it. */
export class ProgressNotices {
	readonly #ctx: ServerContext;
	readonly #token: string | number | undefined;
	#last = -1;
	#count = 0;

	constructor(ctx: ServerContext) {
		this.#ctx = ctx;
		this.#token = ctx.mcpReq._meta?.progressToken;
	}

	get wanted(): boolean {
		return this.#token !== undefined;
	}

	/** What the tool says. */
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

	/** What the tool puts out before its result: each is one step more. */
	readonly say = (message: string): void => {
		this.#count++;
		this.#send(Math.max(this.#count, this.#last + 1), message);
	};

	#send(progress: number, message: string, total = 0): void {
		this.#last = progress;
		if (this.#token === undefined) return;
		const params = {
			progressToken: this.#token,
			progress,
			...(total > 0 ? { total } : {}),
			...(message ? { message } : {}),
		};
		// Who has gone hears nothing; the call itself is cancelled by its signal.
		void this.#ctx.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {});
	}
}
