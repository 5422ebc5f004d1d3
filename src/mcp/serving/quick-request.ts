import type { Server } from '@modelcontextprotocol/server';
import type { CallContext } from '../calls/call-context.ts';
import type { PlainCall } from './plain-call.ts';

type McpRequest = CallContext['mcpReq'];

/** The request of a call on the quick way: what the SDK would give a handler, of which little is needed. */
export class QuickRequest implements McpRequest {
	readonly signal: AbortSignal;
	readonly _meta: McpRequest['_meta'];
	readonly envelope: McpRequest['envelope'];
	readonly inputResponses = undefined;
	readonly #server: Server | undefined;

	/** @param server what sends the client something before the answer; undefined where nothing can be sent */
	constructor({ meta, envelope }: PlainCall, signal: AbortSignal, server?: Server) {
		this.#server = server;
		this.signal = signal;
		this._meta = meta as McpRequest['_meta'];
		this.envelope = envelope;
	}

	requestState<T>(): T | undefined {
		return undefined;
	}

	async notify(notification: Parameters<McpRequest['notify']>[0]): Promise<void> {
		await this.#server?.notification(notification);
	}

	/** A client of 2026-07-28 says with a request that it hears logs; such a request takes the SDK's way. */
	async log(...[level, data, logger]: Parameters<McpRequest['log']>): Promise<void> {
		if (this.envelope === undefined) await this.#server?.sendLoggingMessage({ level, data, logger });
	}
}
