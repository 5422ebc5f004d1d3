import { type ServiceClient, serviceClient } from '../services/service-client.ts';
import {
	type OpenedSession,
	type SessionContext,
	type SessionPluginInfo,
	type SessionSnapshot,
	sessionPluginService,
} from '../services/session-plugin-service.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { SessionPeer, SessionRuntime } from './session-runtime.ts';

/** Milliseconds that a plugin may take to open, snapshot or close its part of a session. */
export const partTimeoutMs = 10_000;

/** One plugin's part of one session. */
export class Participant {
	readonly id: string;
	readonly info: SessionPluginInfo;
	readonly #context: SessionContext;
	readonly #runtime: SessionRuntime;
	#peer: SessionPeer;
	#client: ServiceClient<typeof sessionPluginService.methods>;
	#opened: OpenedSession | undefined;
	/** State that it had when it went. */
	#kept: readonly SessionSnapshot[] = [];
	#resting = false;
	#opening: Promise<boolean> | undefined;
	/** Told where the plugin comes back with something else. */
	warning: string | undefined;

	constructor(peer: SessionPeer, info: SessionPluginInfo, context: SessionContext, runtime: SessionRuntime) {
		this.id = peer.id;
		this.info = info;
		this.#peer = peer;
		this.#client = serviceClient(sessionPluginService, peer.connection);
		this.#context = context;
		this.#runtime = runtime;
	}

	/** Parts that it has for the session; as they were last, where it rests. */
	get opened(): OpenedSession {
		return this.#opened ?? { tools: [], hooks: [], operations: [], claims: [], builds: {} };
	}

	get client(): ServiceClient<typeof sessionPluginService.methods> {
		return this.#client;
	}

	get resting(): boolean {
		return this.#resting;
	}

	async open(snapshots: readonly SessionSnapshot[] = []): Promise<void> {
		const opened = await this.#client.open(
			{ context: this.#context, snapshots },
			{ timeoutMs: partTimeoutMs },
		);
		if (this.#opened) this.#compare(this.#opened, opened);
		this.#opened = opened;
	}

	/**
	 * Brings it back where it rests or its plugin was started anew, with its context and what it had kept.
	 *
	 * @returns whether it was brought back
	 * @throws OrchestraError `plugin_unavailable`, and what {@link open} throws
	 */
	awake(): Promise<boolean> {
		const peer = this.#runtime.peer(this.id);
		if (peer && !this.#resting && peer.connection === this.#peer.connection) return Promise.resolve(false);
		this.#opening ??= this.#awake(peer).finally(() => {
			this.#opening = undefined;
		});
		return this.#opening;
	}

	/** Lets it go until it is needed. */
	async rest(): Promise<void> {
		if (this.#resting) return;
		this.#kept = await this.snapshot();
		this.#resting = true;
		await this.#client.close({ session: this.#context.id }, { timeoutMs: partTimeoutMs });
	}

	async snapshot(): Promise<readonly SessionSnapshot[]> {
		if (this.#resting) return this.#kept;
		const { snapshots } = await this.#client.snapshot(
			{ session: this.#context.id },
			{ timeoutMs: partTimeoutMs },
		);
		this.#kept = snapshots;
		return snapshots;
	}

	async close(): Promise<void> {
		if (this.#resting) return;
		await this.#client.close({ session: this.#context.id }, { timeoutMs: partTimeoutMs });
	}

	async #awake(peer: SessionPeer | undefined): Promise<boolean> {
		if (!peer) {
			throw new OrchestraError(
				'plugin_unavailable',
				`plugin ${this.id} of session ${this.#context.id} does not run`,
				{
					retryable: true,
					hint: 'Call again when it runs.',
				},
			);
		}
		this.#peer = peer;
		this.#client = serviceClient(sessionPluginService, peer.connection);
		await this.open(this.#kept);
		this.#resting = false;
		return true;
	}

	#compare(before: OpenedSession, now: OpenedSession): void {
		const names = ({ tools, hooks, operations }: OpenedSession) =>
			[...tools, ...hooks, ...operations].map(({ name }) => name).sort();
		const [was, is] = [names(before), names(now)];
		if (JSON.stringify(was) === JSON.stringify(is)) return;
		const gone = was.filter((name) => !is.includes(name));
		const added = is.filter((name) => !was.includes(name));
		this.warning = `plugin ${this.id} came back with another registration (gone: ${gone.join(', ') || 'nothing'}; new: ${added.join(', ') || 'nothing'})`;
		this.#runtime.warn(this.id, this.warning);
	}
}
