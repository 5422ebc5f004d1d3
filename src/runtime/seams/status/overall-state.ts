import { type Check, type HealthState, healthStates } from '../store/records.ts';

/** The state of the whole: the worst of all; what is not known is the least severe, and nothing at all is `unknown`. */
export function overallState(checks: readonly Pick<Check, 'state'>[]): HealthState {
	const worst = Math.max(0, ...checks.map(({ state }) => healthStates.indexOf(state)));
	return healthStates[worst] ?? 'unknown';
}
