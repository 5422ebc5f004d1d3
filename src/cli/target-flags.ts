import { Flags } from '@oclif/core';
import { certsDirFlag } from './base-command.ts';
import { bootConfigurationFlag } from './boot-configuration-flag.ts';
import { carrierFlag } from './carrier-flag.ts';
import { timeoutFlag } from './duration-flag.ts';
import { environmentFlags } from './environment-flags.ts';
import { goPluginFlags } from './go-plugin-flags.ts';
import type { EnvironmentFlags } from './inherited-environment.ts';
import { logFormatFlag } from './log-format-flag.ts';
import type { GoPluginFlags } from './read-go-plugin-flags.ts';

/** The flags of every command that acts on a target. */
export const targetFlags = {
	spawn: Flags.boolean({
		description:
			'Run the plugin as a process of its own: over descriptors that it inherits, or with --carrier over mutual TLS.',
	}),
	carrier: carrierFlag,
	'certs-dir': certsDirFlag,
	config: bootConfigurationFlag,
	...environmentFlags,
	...goPluginFlags,
	timeout: timeoutFlag,
	'log-format': logFormatFlag,
	verbose: Flags.boolean({
		char: 'v',
		description: 'Show everything that plugins log, even with --json, and where the time of a call went.',
	}),
};

/** The values of {@link targetFlags}. */
export interface TargetFlags extends EnvironmentFlags, GoPluginFlags {
	spawn: boolean;
	carrier?: string | undefined;
	'certs-dir'?: string | undefined;
	config?: string[] | undefined;
	timeout?: string | undefined;
	'trace-parent'?: string | undefined;
	verbose: boolean;
	json: boolean;
}
