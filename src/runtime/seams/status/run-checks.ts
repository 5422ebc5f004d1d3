import type { Notification } from '../notifier/notification.ts';
import type { Check, Component } from '../store/records.ts';
import type { StoreClient } from '../store/store-suite.ts';
import type { CheckStatusOptions } from './check-status.ts';
import type { StatusRegistry } from './status-registry.ts';
import { transitionOf } from './transition.ts';

/** Checks that run at one time. */
const defaultConcurrency = 16;

/** Options of a round of checks. */
export interface RunChecksOptions extends CheckStatusOptions {
	/** Number of checks at one time. Default 16. */
	readonly concurrency?: number | undefined;
}

/** Checks components, a bounded number of them at a time. Never rejects. @returns the checks, in the order of the components */
export async function runChecks(
	registry: Pick<StatusRegistry, 'check'>,
	components: readonly Component[],
	{ concurrency = defaultConcurrency, ...options }: RunChecksOptions = {},
): Promise<Check[]> {
	const checks: Check[] = new Array(components.length);
	let next = 0;
	const work = async () => {
		for (let index = next++; index < components.length; index = next++) {
			checks[index] = await registry.check(components[index] as Component, options);
		}
	};
	await Promise.all(Array.from({ length: Math.max(1, Math.min(concurrency, components.length)) }, work));
	return checks;
}

/** Result of a round of checks. */
export interface CheckRound {
	/** In the order of the components. */
	readonly checks: readonly Check[];
	/** Notifications that somebody may want. */
	readonly notifications: readonly Notification[];
}

/**
 * Checks all components of a store, records what came of it there, and says which changes matter.
 *
 * @throws OrchestraError where the store cannot be read or written
 */
export async function checkAll(
	store: Pick<StoreClient, 'listComponents' | 'latestChecks' | 'recordCheck'>,
	registry: Pick<StatusRegistry, 'check'>,
	options: RunChecksOptions = {},
): Promise<CheckRound> {
	const [{ components }, latest] = await Promise.all([store.listComponents(), store.latestChecks()]);
	const before = new Map(latest.checks.map((check) => [check.component, check.state]));
	const checks = await runChecks(registry, components, options);
	const notifications: Notification[] = [];
	for (const [index, check] of checks.entries()) {
		await store.recordCheck(check);
		const { key, name = key } = components[index] as Component;
		const type = transitionOf(before.get(key), check.state);
		if (!type) continue;
		notifications.push({
			type,
			title: `${name} is ${check.state}`,
			...(check.message ? { message: check.message } : {}),
			component: key,
			from: before.get(key) ?? 'unknown',
			to: check.state,
			...(check.checkedAt === undefined ? {} : { at: check.checkedAt }),
		});
	}
	return { checks, notifications };
}
