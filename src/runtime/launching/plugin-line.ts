import type { Connection, ExchangeHandler } from '../carrier/carrier.ts';
import { errorResponse } from '../carrier/error-response.ts';
import { connectLine, peerOnLine, serveLine } from '../carrier/fd/line.ts';
import type { Line } from '../carrier/fd/line-descriptors.ts';
import type { IncomingExchange } from '../carrier/incoming-exchange.ts';
import type { Peer } from '../carrier/peer.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { type AdmissionOptions, assertAdmitted } from './admission.ts';

/** Answers the requests of a process over its line. */
export interface LineHost {
	/** Serves it, in the name of the plugin that was started. Default: it may register, and nothing else. */
	readonly serve?: ExchangeHandler | undefined;
	/** Called when the process asks no more, with the peer that its exchanges had. */
	readonly onGone?: ((peer: Peer) => void) | undefined;
}

/** Options of the host's half of a line. */
export interface PluginLineOptions extends AdmissionOptions, LineHost {}

/**
 * The host's end of a line to a process that it started. Who is there is who was started: the process says its id in its first request,
 * a registration, and has that name from then on, where the host lets it have it.
 */
export class PluginLine {
	/** The id that the process registered with; rejects where it may not have it. Pending as long as it says nothing. */
	readonly registered: Promise<string>;
	readonly #line: Line;
	readonly #options: PluginLineOptions;
	readonly #peer: Peer & { name: string };
	#state: 'unknown' | 'asked' | 'known' = 'unknown';
	#settle: { resolve(id: string): void; reject(error: unknown): void } = { resolve() {}, reject() {} };

	/** @param pid of the process: its name as long as it has not said another */
	constructor(line: Line, pid: number, options: PluginLineOptions) {
		this.#line = line;
		this.#options = options;
		this.registered = new Promise((resolve, reject) => {
			this.#settle = { resolve, reject };
		});
		// Whoever waits for something else meanwhile need not hear of it.
		this.registered.catch(() => {});
		// No plugin can have a name with a blank in it.
		this.#peer = peerOnLine(`process ${pid}`);
		serveLine(line.toHost, this.#peer, {
			handler: this.#handle,
			onGone: () => options.onGone?.(this.#peer),
		});
	}

	/** Connects to the process, once it has registered. */
	connect(): Connection {
		return connectLine(this.#line.toProcess, this.#peer);
	}

	readonly #handle = (exchange: IncomingExchange): void => {
		if (this.#state === 'known') {
			(this.#options.serve ?? registersOnly)(exchange);
			return;
		}
		const { register } = exchange.request;
		if (!register || this.#state === 'asked') {
			exchange.finish(errorResponse(exchange.request, registersFirst()));
			return;
		}
		this.#state = 'asked';
		const id = register.id ?? '';
		assertAdmitted(id, this.#options).then(
			() => {
				this.#peer.name = id;
				this.#state = 'known';
				this.#handle(exchange);
				this.#settle.resolve(id);
			},
			(error: unknown) => {
				const rejectReason = OrchestraError.from(error, 'internal').message;
				exchange.finish({ register: { accepted: false, rejectReason } });
				this.#settle.reject(error);
			},
		);
	};
}

function registersOnly(exchange: IncomingExchange): void {
	const { request } = exchange;
	exchange.finish(
		request.register ? { register: { accepted: true } } : errorResponse(request, noOrchestrator()),
	);
}

function noOrchestrator(): OrchestraError {
	return new OrchestraError('unknown_request', 'the host of this plugin is no orchestrator', {
		hint: 'Serve it with `orchestra serve`, together with the plugins that it needs.',
	});
}

function registersFirst(): OrchestraError {
	return new OrchestraError('permission_denied', 'a plugin registers before it asks for anything');
}
