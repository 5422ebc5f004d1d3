import { isDeepStrictEqual } from 'node:util';
import { withDeadline } from '../../platform/with-deadline.ts';
import { type HealthResult, Status } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { messageOf } from '../../wire/thrown-value.ts';
import { bootTimeoutMs, type HealthReport, healthTimeoutMs } from '../definition/lifecycle.ts';
import type { PluginState } from './plugin-state.ts';

/** Milliseconds that a shutdown may take where its asker does not say. */
export const shutdownTimeoutMs = 10_000;

/** Milliseconds that calls under way get to end, at most; half of the time for the shutdown if that is less. */
const drainTimeoutMs = 2_000;

/** The longest deadline of a shutdown that is honoured, in milliseconds. */
const longestShutdownMs = 10 * 60_000;

/** Runs the hooks of a plugin's life, each as often as it may. */
export class LifecycleRunner {
	readonly #state: PluginState;
	#booting: { readonly config: Record<string, string>; readonly done: Promise<void> } | undefined;
	#stopping: Promise<boolean> | undefined;

	constructor(state: PluginState) {
		this.#state = state;
	}

	/**
	 * Checks the plugin and runs `onBoot`, once: a second boot with the same configuration has the outcome of the first, one
	 * with another is refused. A boot that failed may be tried again.
	 *
	 * @param timeoutMs how long the hook may take
	 * @throws OrchestraError `boot_failed`, `invalid_schema`, `shutting_down`
	 */
	boot(config: Readonly<Record<string, string>>, timeoutMs = bootTimeoutMs): Promise<void> {
		if (this.#state.stopping) return Promise.reject(this.#state.shuttingDown());
		const { id } = this.#state;
		const before = this.#booting;
		if (before) {
			if (isDeepStrictEqual(before.config, { ...config })) return before.done;
			return Promise.reject(
				new OrchestraError('boot_failed', `plugin ${id} runs already, with another configuration`, {
					hint: 'Stop it and start it again to change its configuration.',
				}),
			);
		}
		const done = this.#boot({ ...config }, timeoutMs);
		const booting = { config: { ...config }, done };
		this.#booting = booting;
		done.catch(() => {
			if (this.#booting === booting) this.#booting = undefined;
		});
		return done;
	}

	/** One tool whose schema is wrong must not take the others down: it is listed as unusable, and a call of it says why. */
	async #tellUnusableTools(): Promise<void> {
		const { plugin, services } = this.#state;
		for (const tool of plugin.tools.values()) {
			try {
				await tool.input.check();
			} catch (error) {
				const message = messageOf(error);
				services.log({ level: 'warn', message, plugin: plugin.id, tool: tool.name });
			}
		}
	}

	async #boot(config: Record<string, string>, timeoutMs: number): Promise<void> {
		const { plugin, id } = this.#state;
		await this.#tellUnusableTools();
		const { lifecycle } = plugin;
		if (!lifecycle.onBoot) return;
		try {
			await withDeadline(
				timeoutMs,
				() => lifecycle.onBoot?.(config, this.#state.context()),
				() =>
					new OrchestraError('boot_failed', `onBoot did not end within ${timeoutMs / 1000} s`, {
						retryable: true,
					}),
			);
		} catch (error) {
			this.#state.logFailure(`onBoot of plugin ${id}`, error);
			const text = messageOf(error);
			throw new OrchestraError('boot_failed', `plugin ${id} could not boot: ${text}`, {
				// The hook says whether it is worth another try.
				retryable: error instanceof OrchestraError && error.retryable,
				cause: error,
			});
		}
	}

	/**
	 * Takes no new work, lets the calls under way end, cancels those that do not, and runs `onShutdown`: once, however often
	 * it is asked. True where all of it went well. Never rejects, and ends within about `timeoutMs`.
	 */
	shutdown(timeoutMs: number = shutdownTimeoutMs): Promise<boolean> {
		this.#stopping ??= this.#shutdown(Math.min(Math.max(timeoutMs, 0), longestShutdownMs));
		return this.#stopping;
	}

	async #shutdown(timeoutMs: number): Promise<boolean> {
		const state = this.#state;
		const endsAt = Date.now() + timeoutMs;
		state.stop();
		if (!(await state.active.drained(Math.min(drainTimeoutMs, timeoutMs / 2)))) {
			state.active.cancelAll(state.shuttingDown());
			// Handlers that heed their signal end in a moment.
			await state.active.drained(Math.min(500, timeoutMs / 4));
		}
		const { lifecycle } = state.plugin;
		if (!lifecycle.onShutdown) return true;
		const left = Math.max(endsAt - Date.now(), 1);
		try {
			await withDeadline(
				left,
				() => lifecycle.onShutdown?.(),
				() => new OrchestraError('deadline_exceeded', `onShutdown did not end within ${timeoutMs} ms`),
			);
			return true;
		} catch (error) {
			state.logFailure(`onShutdown of plugin ${state.id}`, error);
			return false;
		}
	}

	/** Report of the health hook; healthy without one. Never rejects. */
	async health(): Promise<HealthResult> {
		const { plugin, id, stopping } = this.#state;
		if (stopping) return { status: Status.degraded, message: 'stopping' };
		const { lifecycle } = plugin;
		if (!lifecycle.onHealth) return { status: Status.healthy, message: 'ok' };
		try {
			const report = await withDeadline<HealthReport | undefined>(
				healthTimeoutMs,
				() => lifecycle.onHealth?.(),
				() =>
					new OrchestraError('deadline_exceeded', `onHealth did not end within ${healthTimeoutMs / 1000} s`),
			);
			const status = Status[report?.status ?? 'healthy'] ?? Status.unspecified;
			return { status, message: report?.message ?? report?.status ?? 'ok', details: { ...report?.details } };
		} catch (error) {
			this.#state.logFailure(`onHealth of plugin ${id}`, error);
			return { status: Status.unhealthy, message: messageOf(error) };
		}
	}
}
