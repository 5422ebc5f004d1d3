import type { Subject } from './subject/subject.ts';

/** What a plugin is held to: what a plugin of the Go SDK can meet, or all of the protocol. */
export type Profile = 'core' | 'full';

export const profiles: readonly Profile[] = ['core', 'full'];

/** What a check found out. Undefined where all is as it has to be. */
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
	/** What people and scripts call it: words with dashes between. */
	readonly name: string;
	/** `core` where a plugin of the Go SDK meets it; `full` where only the whole protocol asks for it. */
	readonly profile: Profile;
	/** What goes wrong where a plugin does not keep the rule. */
	readonly why: string;
	/** What every plugin of the Go SDK does instead: its author cannot mend it. */
	readonly goSdk?: string;
	/** `process`: has to start the plugin itself. `calls`: lets handlers run. Default: only asks. */
	readonly needs?: 'process' | 'calls';
	/** Rejects where the plugin fails in a way that it did not expect: that is a finding, too. */
	run(subject: Subject): Promise<Finding>;
}

/** What a check says of a plugin that breaks its rule. */
export function broken(expected: string, came: string): Finding {
	return { expected, came };
}

/** What a check says where it cannot be made. */
export function notMade(skipped: string): Finding {
	return { skipped };
}
