import { Flags } from '@oclif/core';
import type { LaunchCarrier } from '../runtime/launching/plugin-environment.ts';

/** Flag for the carrier over which a process is reached. */
export const carrierFlag = Flags.string({
	description:
		'The carrier for a process that is started. [default: fd for a module on Linux and macOS, else quic]',
	options: ['fd', 'quic', 'tcp'],
});

/** The value of {@link carrierFlag}. */
export function readCarrier(flags: { carrier?: string | undefined }): LaunchCarrier | undefined {
	return flags.carrier as LaunchCarrier | undefined;
}
