import type { Subject } from './subject/subject.ts';

/** Set of rules that a plugin is held to: those that a plugin of the Go SDK can meet, or all of the protocol. */
export type Profile = 'core' | 'full';

export const profiles: readonly Profile[] = ['core', 'full'];

/** Result of a check. Undefined where all is as it has to be. */
export type Finding =
	| undefined
	/** It is not: what it had to be, and what it is. */
	| { readonly expected: string; readonly came: string }
	/** It could not be found out, and why. */
	| { readonly skipped: string };

/** One rule of the protocol, as a check of a plugin. */
export interface Check {
	/** Never given to another check. */
	readonly number: number;
	/** Name for people and scripts: words with dashes between. */
	readonly name: string;
	/** `core` where a plugin of the Go SDK meets it; `full` where only the whole protocol asks for it. */
	readonly profile: Profile;
	/** Reason for the rule: what goes wrong where a plugin does not keep it. */
	readonly why: string;
	/** Behaviour of every plugin of the Go SDK in its place: its author cannot mend it. */
	readonly goSdk?: string;
	/** `process`: has to start the plugin itself. `calls`: lets handlers run. Default: only asks. */
	readonly needs?: 'process' | 'calls';
	/** Rejects where the plugin fails in a way that it did not expect: that is a finding, too. */
	run(subject: Subject): Promise<Finding>;
}

/** Makes the finding about a plugin that breaks a rule. */
export function broken(expected: string, came: string): Finding {
	return { expected, came };
}

/** Makes the finding of a check that cannot be made. */
export function notMade(skipped: string): Finding {
	return { skipped };
}
