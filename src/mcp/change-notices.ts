import type { Server } from '@modelcontextprotocol/server';
import type { Orchestrator } from '../runtime/orchestrator/orchestrator.ts';
import type { Listing } from './listing/listing.ts';
import type { StorageResources } from './resources/storage-resources.ts';
import { storageUri } from './resources/storage-uri.ts';

/** A client that is told of changes. */
export interface NoticeTaker {
	toolsChanged(): void;
	promptsChanged(): void;
	resourcesChanged(): void;
	resourceUpdated(uri: string): void;
}

/** Milliseconds in which changes are gathered: the restart of a plugin is several. */
const gatherMs = 100;

/** Tells MCP clients that lists have changed, and resources: once for many changes at a time. */
export class ChangeNotices {
	readonly #takers = new Set<NoticeTaker>();
	readonly #front: { readonly listing: Listing; readonly resources: StorageResources };
	readonly #updated = new Set<string>();
	readonly #endings: (() => void)[];
	#timer: ReturnType<typeof setTimeout> | undefined;
	#listsChanged = false;
	#resourcesChanged = false;
	/** Fingerprints of the lists that were told last. */
	#told: Promise<{ tools: string; prompts: string }>;

	constructor(
		orchestrator: Orchestrator,
		front: { readonly listing: Listing; readonly resources: StorageResources },
	) {
		this.#front = front;
		this.#told = front.listing.fingerprints().catch(() => ({ tools: '', prompts: '' }));
		this.#endings = [
			orchestrator.onChange(({ kind }) => {
				if (kind !== 'plugin' && kind !== 'plugin_removed') return;
				front.listing.forget();
				this.#listsChanged = true;
				this.#resourcesChanged = true;
				this.#gather();
			}),
			orchestrator.observeCalls({
				arrived: (exchange) => {
					const { storageWrite, storageDelete } = exchange.request;
					const touched = storageWrite ?? storageDelete;
					if (!touched) return;
					exchange.onEnd((response) => {
						if (!(response.storageWrite?.success || response.storageDelete?.success)) return;
						this.#resourcesChanged = true;
						if (this.#takers.size === 0) return;
						const { path = '', storageType = '' } = touched;
						void front.resources.ownerOf(storageType).then((place) => {
							if (place) this.resourceUpdated(storageUri(place, path));
						});
					});
				},
				routed() {},
			}),
		];
	}

	/** Tells somebody of changes from now on. @returns what ends it */
	add(taker: NoticeTaker): () => void {
		this.#takers.add(taker);
		return () => this.#takers.delete(taker);
	}

	resourceUpdated(uri: string): void {
		if (this.#takers.size === 0) return;
		this.#updated.add(uri);
		this.#gather();
	}

	close(): void {
		clearTimeout(this.#timer);
		for (const end of this.#endings) end();
		this.#takers.clear();
	}

	#gather(): void {
		this.#timer ??= setTimeout(() => void this.#tell(), gatherMs);
		this.#timer.unref();
	}

	async #tell(): Promise<void> {
		this.#timer = undefined;
		const updated = [...this.#updated];
		this.#updated.clear();
		const resourcesChanged = this.#resourcesChanged;
		this.#resourcesChanged = false;
		let tools = false;
		let prompts = false;
		if (this.#listsChanged) {
			this.#listsChanged = false;
			const before = await this.#told;
			try {
				const now = await this.#front.listing.fingerprints();
				this.#told = Promise.resolve(now);
				tools = now.tools !== before.tools;
				prompts = now.prompts !== before.prompts;
			} catch {
				// The client answers no more: it stops.
				return;
			}
		}
		for (const taker of this.#takers) {
			if (tools) taker.toolsChanged();
			if (prompts) taker.promptsChanged();
			if (resourcesChanged) taker.resourcesChanged();
			for (const uri of updated) taker.resourceUpdated(uri);
		}
	}
}

/** The taker that tells the client of a server for a whole connection. Of resources it hears those that it subscribed to. */
export function serverTaker(server: Server, subscribed: ReadonlySet<string> | undefined): NoticeTaker {
	// A client that has gone meanwhile hears nothing.
	const gone = () => {};
	return {
		toolsChanged: () => void server.sendToolListChanged().catch(gone),
		promptsChanged: () => void server.sendPromptListChanged().catch(gone),
		resourcesChanged: () => void server.sendResourceListChanged().catch(gone),
		resourceUpdated: (uri) => {
			if (subscribed && !subscribed.has(uri)) return;
			void server.sendResourceUpdated({ uri }).catch(gone);
		},
	};
}
