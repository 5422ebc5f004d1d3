import type { HealthState } from '../store/records.ts';

/** Event that notifiers are told of. */
export interface Notification {
	readonly type: 'component_down' | 'component_degraded' | 'component_recovered' | 'flag_changed';
	readonly title: string;
	readonly message?: string;
	/** The key of the component that it is about. */
	readonly component?: string;
	/** The key of the flag that it is about. */
	readonly flag?: string;
	/** The state before, and the one now. */
	readonly from?: HealthState;
	readonly to?: HealthState;
	/** Milliseconds of the Unix epoch. A dispatcher fills it in where it is absent. */
	readonly at?: number;
}

/** Severity of a notification. */
export type Severity = 'critical' | 'warning' | 'good' | 'info';

const severities: Readonly<Record<Notification['type'], Severity>> = {
	component_down: 'critical',
	component_degraded: 'warning',
	component_recovered: 'good',
	flag_changed: 'info',
};

/** Severity of a notification, by its type. */
export function severityOf({ type }: Pick<Notification, 'type'>): Severity {
	return severities[type];
}
