import { withDeadline } from '../../platform/with-deadline.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Notification } from './notification.ts';
import type { NotifierClient } from './notifier-seam.ts';

/** A notifier, by its name. */
export interface NamedNotifier {
	readonly name: string;
	readonly client: Pick<NotifierClient, 'notify'>;
}

/** Options of passing notifications on. */
export interface NotificationDispatcherOptions {
	/** Milliseconds that each notifier may take, apart from the others. Default 5 s. */
	readonly timeoutMs?: number | undefined;
	/** Called with each notifier that could not be told. It must not throw. Default: nothing. */
	readonly onFailure?:
		| ((notifier: string, error: OrchestraError, notification: Notification) => void)
		| undefined;
	/** Milliseconds of the Unix epoch. Default: Date.now() */
	readonly now?: (() => number) | undefined;
}

/**
 * Passes what has happened on to all notifiers at the same time, each with a deadline of its own: one that is slow, or fails, costs the
 * others nothing.
 */
export class NotificationDispatcher {
	readonly #notifiers: readonly NamedNotifier[];
	readonly #options: NotificationDispatcherOptions;

	constructor(notifiers: readonly NamedNotifier[], options: NotificationDispatcherOptions = {}) {
		this.#notifiers = [...notifiers];
		this.#options = options;
	}

	/** Settles when each was told, or could not be. Never rejects. @returns the names of those that were told */
	async emit(notification: Notification): Promise<string[]> {
		const { timeoutMs = 5_000, onFailure, now = Date.now } = this.#options;
		const told = { ...notification, at: notification.at ?? now() };
		const names = await Promise.all(
			this.#notifiers.map(async ({ name, client }) => {
				try {
					// A notifier in this process may not heed its deadline.
					await withDeadline(
						timeoutMs,
						() => client.notify(told, { timeoutMs }),
						() => new OrchestraError('deadline_exceeded', `notifier ${name} took more than ${timeoutMs} ms`),
					);
					return [name];
				} catch (error) {
					onFailure?.(name, OrchestraError.from(error, 'handler_error', `${name} could not be told`), told);
					return [];
				}
			}),
		);
		return names.flat();
	}
}
