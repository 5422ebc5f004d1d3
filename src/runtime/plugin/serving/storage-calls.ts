import { errorResponse } from '../../carrier/error-response.ts';
import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import type { ListedEntry } from '../../client/listings.ts';
import type { PluginRequest, PluginResponse, StorageEntry } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { storageNotFound } from '../definition/storage-error.ts';
import { defaultStorageType, type StorageHandler } from '../definition/storage-handler.ts';
import { HandlerContext } from './handler-context.ts';
import { handlerFailure } from './handler-failure.ts';
import type { PluginState } from './plugin-state.ts';
import { invalidResult } from './tool-result.ts';

const nothing = new Uint8Array(0);
const encoder = new TextEncoder();

/** Answers one request of the storage. */
type Answer = (handler: StorageHandler, context: HandlerContext) => Promise<PluginResponse>;

/** Answers a `storage_*` request. False where the request is none. */
export function serveStorage(state: PluginState, exchange: IncomingExchange): boolean {
	const { storageRead, storageWrite, storageDelete, storageList }: PluginRequest = exchange.request;
	const typeOf = (request: { storageType?: string }) => request.storageType || defaultStorageType;
	if (storageRead !== undefined) {
		const path = storageRead.path ?? '';
		void serve(state, exchange, async (handler, context) => {
			const found = await handler.read({ path, storageType: typeOf(storageRead) }, context);
			if (found === undefined) throw storageNotFound(path);
			const { content, metadata, version } = found;
			return {
				storageRead: {
					content: toBytes(content, state),
					metadata: metadata ?? {},
					version: toVersion(version, state),
				},
			};
		});
	} else if (storageWrite !== undefined) {
		const { path = '', content = nothing, metadata = {}, expectedVersion = 0 } = storageWrite;
		void serve(state, exchange, async (handler, context) => {
			const write = { path, content, metadata, expectedVersion, storageType: typeOf(storageWrite) };
			const newVersion = toVersion(await handler.write(write, context), state);
			return { storageWrite: { success: true, newVersion } };
		});
	} else if (storageDelete !== undefined) {
		const path = storageDelete.path ?? '';
		void serve(state, exchange, async (handler, context) => {
			if ((await handler.delete({ path, storageType: typeOf(storageDelete) }, context)) === false) {
				throw storageNotFound(path);
			}
			return { storageDelete: { success: true } };
		});
	} else if (storageList !== undefined) {
		const { prefix = '', pattern = '' } = storageList;
		void serve(state, exchange, async (handler, context) => {
			const entries = await handler.list({ prefix, pattern, storageType: typeOf(storageList) }, context);
			return { storageList: { entries: entries.map(toEntry) } };
		});
	} else return false;
	return true;
}

/** Never rejects. */
async function serve(state: PluginState, exchange: IncomingExchange, answer: Answer): Promise<void> {
	const handler = state.plugin.storageHandler;
	const refusal = state.refusal(undefined) ?? (handler ? undefined : noStorage(state));
	if (refusal || !handler) {
		exchange.finish(errorResponse(exchange.request, refusal ?? noStorage(state)));
		return;
	}
	const subject = `the storage of plugin ${state.id}`;
	state.active.add(exchange);
	try {
		const response = await answer(handler, new HandlerContext(state, exchange, exchange.request));
		// A write that was done is reported as done, even where its caller cancelled meanwhile.
		exchange.finish(response);
	} catch (error) {
		state.logFailure(subject, error, exchange.cancelled, exchange);
		exchange.finish(errorResponse(exchange.request, exchange.cancelled ?? handlerFailure(error, subject)));
	} finally {
		state.active.delete(exchange);
	}
}

function noStorage(state: PluginState): OrchestraError {
	return new OrchestraError('storage_unavailable', `plugin ${state.id} provides no storage`, {
		hint: 'Ask the plugin that provides it, or the orchestrator.',
	});
}

function toBytes(content: unknown, state: PluginState): Uint8Array {
	if (content instanceof Uint8Array) return content;
	if (typeof content === 'string') return encoder.encode(content);
	throw invalidResult(`the storage of plugin ${state.id}`, `content of type ${typeof content}`);
}

function toVersion(version: unknown, state: PluginState): number {
	if (typeof version === 'number' && Number.isSafeInteger(version) && version > 0) return version;
	throw invalidResult(`the storage of plugin ${state.id}`, `the version ${String(version)}`);
}

function toEntry({ path, size, version, modifiedAt }: ListedEntry): StorageEntry {
	const entry: StorageEntry = { path, size, version };
	if (modifiedAt) {
		const ms = modifiedAt.getTime();
		const seconds = Math.floor(ms / 1000);
		entry.modifiedAt = { seconds, nanos: (ms - seconds * 1000) * 1_000_000 };
	}
	return entry;
}
