import type { Peer } from '../carrier/peer.ts';
import type { PluginManifest, RegistrationResult } from '../wire/generated/messages.ts';

/** Manifests that are kept of plugins which registered by themselves; each comes from a peer with a certificate of our CA. */
const maxManifests = 1024;

/** Characters of one manifest as JSON, and of all: real ones have a few thousand. */
const maxManifestLength = 1024 * 1024;
const maxTotalLength = 32 * 1024 * 1024;

/** Milliseconds from the end of the connection over which a plugin registered until that is forgotten, unless it is hosted by then. */
const forgetMs = 60_000;

/** Manifest and facts with which a plugin registered. */
interface Registration {
	readonly manifest: PluginManifest;
	/** The connection over which it came. */
	readonly peer: Peer;
	/** Characters of the manifest as JSON. */
	readonly length: number;
}

/**
 * Manifests that plugins in other processes sent when they dialled us. A Go plugin sends its full manifest nowhere else.
 */
export class Registrations {
	readonly #manifests = new Map<string, Registration>();
	#totalLength = 0;
	readonly #forgetMs: number;
	readonly #waiting = new Map<string, Set<(manifest: PluginManifest) => void>>();
	/** Number of plugins of an id that were given a certificate to start with, and have not ended: two while one takes the other's place. */
	readonly #starting = new Map<string, number>();
	readonly #isHosted: (id: string) => boolean;

	/**
	 * @param isHosted whether a plugin of that id runs here
	 * @param afterMs milliseconds until what a peer that has gone registered with is forgotten; less in tests
	 */
	constructor(isHosted: (id: string) => boolean = () => false, afterMs: number = forgetMs) {
		this.#isHosted = isHosted;
		this.#forgetMs = afterMs;
	}

	/** Whether an id is a plugin's: one that is hosted, was given a certificate to start with, or has registered. */
	knows(id: string): boolean {
		return this.#isHosted(id) || this.#starting.has(id) || this.#manifests.has(id);
	}

	/** Whether a plugin of that id was given a certificate to start with. */
	isStarted(id: string): boolean {
		return this.#starting.has(id);
	}

	/** Notes that a plugin is given a certificate under its id; {@link delete} forgets it. What another registered with is not its own. */
	starting(id: string): void {
		this.#starting.set(id, (this.#starting.get(id) ?? 0) + 1);
		this.#forget(id);
	}

	/**
	 * Takes a registration, if the peer's certificate is that plugin's: `<id>` or `<id>-client`. What is itself the id of a plugin is
	 * that plugin's alone: `mqtt-client` cannot register as `mqtt`.
	 */
	take(manifest: PluginManifest, peer: Peer): RegistrationResult {
		const id = manifest.id ?? '';
		const refuse = (rejectReason: string): RegistrationResult => ({ accepted: false, rejectReason });
		if (id === '') return refuse('the manifest has no id');
		if (peer.name !== id && peer.name !== `${id}-client`) {
			return refuse(`the certificate is for ${peer.name || 'nobody'}, not for ${id}`);
		}
		if (peer.name !== id && this.knows(peer.name)) {
			return refuse(`the certificate is that of the plugin ${peer.name}, not of ${id}`);
		}
		if (!this.#manifests.has(id) && this.#manifests.size >= maxManifests) {
			return refuse('too many plugins have registered');
		}
		const { length } = JSON.stringify(manifest);
		if (length > maxManifestLength)
			return refuse(`the manifest is longer than ${maxManifestLength} characters`);
		const total = this.#totalLength - (this.#manifests.get(id)?.length ?? 0) + length;
		if (total > maxTotalLength) return refuse('the plugins that have registered say too much of themselves');
		this.#manifests.set(id, { manifest, peer, length });
		this.#totalLength = total;
		for (const resolve of this.#waiting.get(id) ?? []) resolve(manifest);
		return { accepted: true };
	}

	/** The manifest that a plugin registered with, if it did. */
	get(id: string): PluginManifest | undefined {
		return this.#manifests.get(id)?.manifest;
	}

	/**
	 * Notes that a connection has ended. A plugin that registered over it, and is not hosted here, is forgotten after a minute, unless it
	 * registers again: one that is being started may connect anew.
	 */
	gone(peer: Peer): void {
		for (const [id, registration] of this.#manifests) {
			if (registration.peer !== peer) continue;
			const timer = setTimeout(() => {
				if (this.#manifests.get(id) === registration && !this.#isHosted(id)) this.#forget(id);
			}, this.#forgetMs);
			timer.unref();
		}
	}

	/**
	 * The manifest that a plugin registers with: a Go plugin says that it is ready first, and registers then. Undefined where it ends
	 * before that.
	 */
	async expect(id: string, ended: Promise<unknown>): Promise<PluginManifest | undefined> {
		const known = this.#manifests.get(id)?.manifest;
		if (known) return known;
		const waiting = this.#waiting.get(id) ?? new Set();
		this.#waiting.set(id, waiting);
		let take: (manifest: PluginManifest | undefined) => void = () => {};
		const taken = new Promise<PluginManifest | undefined>((resolve) => {
			take = resolve;
		});
		waiting.add(take);
		void ended.then(() => take(undefined));
		const manifest = await taken;
		waiting.delete(take);
		if (waiting.size === 0) this.#waiting.delete(id);
		return manifest;
	}

	/** Forgets a plugin, when its process has ended; what one of the same id registered with stays while that runs. */
	delete(id: string): void {
		const others = (this.#starting.get(id) ?? 0) - 1;
		if (others > 0) {
			this.#starting.set(id, others);
			return;
		}
		this.#starting.delete(id);
		this.#forget(id);
	}

	#forget(id: string): void {
		this.#totalLength -= this.#manifests.get(id)?.length ?? 0;
		this.#manifests.delete(id);
	}
}
