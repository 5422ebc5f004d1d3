import { setTimeout as pause } from 'node:timers/promises';
import type { IncomingExchange } from '../runtime/carrier/incoming-exchange.ts';
import { ownErrorResponse } from '../runtime/hosting/own-error-response.ts';
import type { Interceptor } from '../runtime/orchestrator/interceptor.ts';
import type { PluginRequest } from '../runtime/wire/generated/messages.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import type { FakeClock } from './fake-clock.ts';

/** Target of a fault. Whatever is left out may be anything. */
export interface FaultTarget {
	/** The name of a tool. */
	readonly tool?: string | undefined;
	readonly prompt?: string | undefined;
	/** Operation on storage. */
	readonly storage?: 'read' | 'write' | 'delete' | 'list' | undefined;
	/** The path in storage; for `list` the pattern. */
	readonly path?: string | undefined;
	/** Caller, by name. */
	readonly caller?: string | undefined;
}

/** A fault to inject. */
export interface Fault {
	/** Answers with this error; the handler does not run. */
	readonly error?: OrchestraError | undefined;
	/** Lets the request wait so many milliseconds first. */
	readonly delayMs?: number | undefined;
	/** Never answers: the caller's own deadline, or its cancelling, ends it. */
	readonly hang?: boolean | undefined;
	/** Requests that it hits, the first ones. Default: all. */
	readonly times?: number | undefined;
}

/** A fault that waits for its requests. */
interface Planted {
	readonly target: FaultTarget;
	readonly fault: Fault;
	left: number;
}

/** Lets requests fail on purpose, on their way between plugins and their callers. */
export class FaultInjector {
	readonly #planted: Planted[] = [];
	readonly #clock: FakeClock | undefined;

	/** @param clock what delays go by. Default: the time of this process */
	constructor(clock?: FakeClock) {
		this.#clock = clock;
	}

	/**
	 * Plants a fault. Where several fit a request, the one that was planted first hits it.
	 *
	 * @returns what takes it away
	 * @example host.faults.plant({ storage: 'write' }, { error: new ToolError('disk_full', 'no room'), times: 1 })
	 */
	plant(target: FaultTarget, fault: Fault): () => void {
		const planted = { target, fault, left: fault.times ?? Number.POSITIVE_INFINITY };
		this.#planted.push(planted);
		return () => {
			planted.left = 0;
		};
	}

	/** Takes all faults away. */
	clear(): void {
		for (const planted of this.#planted.splice(0)) planted.left = 0;
	}

	/** Interceptor for the orchestrator's requests. */
	readonly interceptor: Interceptor = (exchange, next) => {
		const planted = this.#planted.find(({ target, left }) => left > 0 && fits(target, exchange));
		if (!planted) {
			next();
			return;
		}
		planted.left--;
		void this.#hit(exchange, planted.fault, next);
	};

	async #hit(
		exchange: IncomingExchange,
		{ error, delayMs = 0, hang = false }: Fault,
		next: () => void,
	): Promise<void> {
		if (delayMs > 0) await (this.#clock ? this.#clock.sleep(delayMs) : pause(delayMs));
		if (hang) exchange.onCancel((reason) => exchange.finish(ownErrorResponse(exchange.request, reason)));
		else if (error)
			exchange.finish(ownErrorResponse(exchange.request, OrchestraError.from(error, 'handler_error')));
		else next();
	}
}

function fits(target: FaultTarget, { request, peer }: IncomingExchange): boolean {
	if (target.caller !== undefined && target.caller !== peer.name) return false;
	const tool = request.toolCall?.toolName ?? request.streamStart?.toolName;
	if (target.tool !== undefined && target.tool !== tool) return false;
	if (target.prompt !== undefined && target.prompt !== request.promptGet?.promptName) return false;
	const stored = storageRequest(request);
	if (target.storage !== undefined && target.storage !== stored?.action) return false;
	if (target.path !== undefined && target.path !== stored?.path) return false;
	// Other requests of plugins to their host are not disturbed.
	return tool !== undefined || request.promptGet !== undefined || stored !== undefined;
}

function storageRequest(
	request: PluginRequest,
): { action: FaultTarget['storage']; path: string } | undefined {
	const { storageRead, storageWrite, storageDelete, storageList } = request;
	if (storageRead) return { action: 'read', path: storageRead.path ?? '' };
	if (storageWrite) return { action: 'write', path: storageWrite.path ?? '' };
	if (storageDelete) return { action: 'delete', path: storageDelete.path ?? '' };
	return storageList && { action: 'list', path: storageList.pattern ?? '' };
}
