import type { Notification } from '../notifier/notification.ts';
import type { HealthState } from '../store/records.ts';

/**
 * Changes of state that are worth telling: each change into `down` or `degraded`, the first check too, and the way back from them to
 * `operational`. That nothing is known, or that it was not known how well something is that is well, is no news.
 *
 * @param before undefined for the first check
 */
export function transitionOf(
	before: HealthState | undefined,
	now: HealthState,
): Exclude<Notification['type'], 'flag_changed'> | undefined {
	if (before === now) return undefined;
	if (now === 'down') return 'component_down';
	if (now === 'degraded') return 'component_degraded';
	if (now === 'operational' && (before === 'down' || before === 'degraded')) return 'component_recovered';
	return undefined;
}
