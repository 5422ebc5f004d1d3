import { withDeadline } from '../../platform/with-deadline.ts';
import { messageOf } from '../../wire/thrown-value.ts';
import type { SeamCallOptions } from '../seam-method.ts';
import type { Check, Component } from '../store/records.ts';

/** Checks components: a {@link StatusProviderClient}, or a function of this process. */
export interface StatusChecker {
	check(component: Component, options?: SeamCallOptions): Check | Promise<Check>;
}

/** Options of a component's check. */
export interface CheckStatusOptions extends SeamCallOptions {
	/** Milliseconds of the Unix epoch. Default: Date.now() */
	readonly now?: (() => number) | undefined;
}

/** Milliseconds of a check where nothing is said. */
const defaultCheckMs = 30_000;

/**
 * Checks a component. Never rejects: where its provider does not answer, fails, or answers for another component, the state is
 * `unknown` and the message says why.
 */
export async function checkStatus(
	provider: StatusChecker,
	component: Component,
	{ now = Date.now, timeoutMs = defaultCheckMs, signal }: CheckStatusOptions = {},
): Promise<Check> {
	const began = now();
	try {
		const check = await withDeadline(
			timeoutMs,
			() => provider.check(component, { timeoutMs, signal }),
			() => new Error(`no answer within ${timeoutMs} ms`),
		);
		if (check.component !== component.key) {
			return unknown(component, `it answered for ${JSON.stringify(check.component)}`, now());
		}
		return { ...check, checkedAt: check.checkedAt ?? now(), latencyMs: check.latencyMs ?? now() - began };
	} catch (error) {
		return unknown(component, messageOf(error), now());
	}
}

function unknown({ key }: Component, why: string, checkedAt: number): Check {
	return { component: key, state: 'unknown', message: `status plugin: ${why}`, checkedAt };
}
