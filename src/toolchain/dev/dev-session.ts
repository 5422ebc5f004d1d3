import { relative } from 'node:path';
import type { PluginSlot } from '../../runtime/hosting/plugin-slot.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { retoldError } from '../../runtime/wire/retold-error.ts';
import { FileWatch } from '../watch/file-watch.ts';
import type { DevEvent } from './dev-event.ts';
import type { DevSource } from './dev-source.ts';
import { isSameCode, type PluginCode } from './plugin-code.ts';
import type { TypeChecks } from './type-checks.ts';

/** Options of following a plugin while it is being written. */
export interface DevSessionOptions {
	readonly code: PluginCode;
	readonly source: DevSource;
	/** Milliseconds that calls get to end on the version where they began. */
	readonly drainMs: number;
	/** Left out: types are not looked at. */
	readonly types?: TypeChecks | undefined;
	readonly tell: (event: DevEvent) => void;
	/** Called once where changes are found late, because the system does not tell of them. */
	readonly onSlow?: ((error: unknown) => void) | undefined;
}

/**
 * Follows the sources of a plugin: what is saved takes the place of what runs, one after the other and only the last of a storm, and what
 * does not compile or start leaves everything as it is.
 */
export class DevSession {
	readonly #options: DevSessionOptions;
	readonly #watch: FileWatch;
	#slot: PluginSlot | undefined;
	/** Paths that have changed and were not looked into yet, and since when. */
	#changed = new Set<string>();
	#changedAt = performance.now();
	#working: Promise<void> | undefined;
	#closed = false;
	/** Reason why types were not checked the last time. */
	#unchecked: string | undefined;

	constructor(options: DevSessionOptions) {
		this.#options = options;
		this.#watch = new FileWatch({
			onChange: (paths) => this.#take(paths),
			onSlow: options.onSlow,
		});
	}

	/** Reads the code for the first time, and watches it from then on; changes wait until {@link follow}. Never rejects. */
	async open(): Promise<void> {
		this.#changedAt = performance.now();
		const { version } = await this.#read();
		if (version) this.#options.source.offer(version);
	}

	/** Keeps a slot up to date, whose first start is over. */
	follow(slot: PluginSlot): void {
		this.#slot = slot;
		const version = this.#options.source.good?.number;
		if (version === undefined || !slot.plugin) {
			const error =
				slot.failure ?? new OrchestraError('start_failed', `${slot.id} does not run: ${slot.status.reason}`);
			this.#options.tell({ kind: 'failed', error, running: undefined });
		} else this.#tellRunning(version, [], slot);
		this.#check();
		this.#work();
	}

	/** Follows no more. What is under way comes to its end. */
	async close(): Promise<void> {
		this.#closed = true;
		this.#watch.close();
		this.#options.types?.close();
		await this.#working;
	}

	#take(paths: readonly string[]): void {
		if (this.#changed.size === 0) this.#changedAt = performance.now();
		for (const path of paths) this.#changed.add(path);
		this.#work();
	}

	#work(): void {
		const slot = this.#slot;
		if (!slot || this.#working || this.#closed || this.#changed.size === 0) return;
		this.#working = this.#update(slot).finally(() => {
			this.#working = undefined;
			this.#work();
		});
	}

	/** Puts what is on disk now in the place of what runs. Never rejects. */
	async #update(slot: PluginSlot): Promise<void> {
		const { code, source, drainMs, tell } = this.#options;
		const changed = [...this.#changed].map((path) => relative(process.cwd(), path) || '.');
		this.#changed.clear();
		const startedAt = this.#changedAt;
		const read = await this.#read();
		const before = source.good;
		const running = slot.plugin ? before?.number : undefined;
		// A plugin that has ended by itself is started again by a save, though that made no difference.
		const version = read.version ?? (slot.plugin ? undefined : before);
		if (read.fault) tell({ kind: 'failed', error: read.fault, running });
		else if (version === undefined || (slot.plugin && isSameCode(version.file, before?.file))) {
			tell({ kind: 'unchanged', running });
		} else {
			source.offer(version);
			const number = before?.number ?? 0;
			try {
				await slot.swap({ drainMs, onLeft: (cut) => tell({ kind: 'left', version: number, cut }) });
				this.#changedAt = startedAt;
				this.#tellRunning(version.number, changed, slot);
			} catch (thrown) {
				code.forget();
				const error = explained(OrchestraError.from(thrown, 'start_failed'), slot.id);
				if (!this.#closed) tell({ kind: 'failed', error, running: slot.plugin && before?.number });
			}
		}
		// Code that does not compile has been told already.
		if (this.#changed.size === 0 && !read.fault) this.#check();
	}

	async #read() {
		const { code, source } = this.#options;
		const since = Date.now();
		const read = await code.read();
		this.#watch.watch(read.paths, since);
		if (read.fault) source.lacks(read.fault);
		return read;
	}

	#tellRunning(version: number, changed: readonly string[], slot: PluginSlot): void {
		const tools = slot.known?.tools.map(({ name = '' }) => name) ?? [];
		const ms = Math.round(performance.now() - this.#changedAt);
		this.#options.tell({ kind: 'running', version, changed, ms, tools });
	}

	#check(): void {
		this.#options.types?.check((report) => {
			const reason = report.kind === 'unchecked' ? report.reason : undefined;
			// Once is enough.
			if (reason === undefined || reason !== this.#unchecked) this.#options.tell({ kind: 'types', report });
			this.#unchecked = reason;
		});
	}
}

/** Adds advice for the author where two versions run for a moment, or the plugin is another one. */
function explained(error: OrchestraError, id: string): OrchestraError {
	const { code, message, cause } = error;
	if (code === 'identity_mismatch') {
		return retoldError(error, message, {
			hint: `${id} goes on as it was. End dev and start it again to run the plugin under its new id, or put the id back.`,
			cause,
		});
	}
	if (code !== 'boot_failed' || !/EADDRINUSE|EBUSY|locked|in use/i.test(message)) return error;
	return retoldError(error, message, {
		hint: `The version before holds it until it has ended: both run for a moment. Take it at the first call rather than at boot, or restart the plugin by hand: r in the terminal interface.`,
		cause,
	});
}
