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
	let timer: ReturnType<typeof setTimeout> | undefined;
	try {
		const late = new Promise<never>((_, reject) => {
			timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
		});
		const check = await Promise.race([provider.check(component, { timeoutMs, signal }), late]);
		if (check.component !== component.key) {
			return unknown(component, `it answered for ${JSON.stringify(check.component)}`, now());
		}
		return { ...check, checkedAt: check.checkedAt ?? now(), latencyMs: check.latencyMs ?? now() - began };
	} catch (error) {
		return unknown(component, messageOf(error), now());
	} finally {
		clearTimeout(timer);
	}
}

function unknown({ key }: Component, why: string, checkedAt: number): Check {
	return { component: key, state: 'unknown', message: `status plugin: ${why}`, checkedAt };
}
