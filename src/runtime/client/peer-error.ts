import type { ErrorCode } from '../wire/error-code.ts';
import { type ErrorOptions, OrchestraError } from '../wire/orchestra-error.ts';

/** Facts that go with a {@link PeerError} besides its code and message. */
export interface PeerErrorOptions extends ErrorOptions {
	/** The name on the peer's certificate, or its address where it has none. */
	peer: string;
	/** See {@link PeerError.origin}. */
	origin?: 'orchestrator' | undefined;
}

/**
 * An error that the other side answered with: its tool, its storage, its dispatcher. Whatever went wrong on this side or on
 * the way (a lost connection, a deadline of ours, an answer that makes no sense) is a plain {@link OrchestraError}.
 */
export class PeerError extends OrchestraError {
	static override readonly name = 'PeerError';
	override readonly name = 'PeerError';
	/** The peer that answered: the name on its certificate, or its address where it has none. */
	readonly peer: string;
	/**
	 * `orchestrator` where an orchestrator says this of itself (it cannot route the call, the plugin does not run, …); undefined where
	 * the plugin says it that was asked.
	 */
	readonly origin: 'orchestrator' | undefined;

	constructor(code: string, message: string, options: PeerErrorOptions) {
		super(code as ErrorCode, message, options);
		this.peer = options.peer;
		this.origin = options.origin;
	}
}
