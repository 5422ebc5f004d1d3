import type { LaunchCarrier } from '../runtime/launching/plugin-environment.ts';

/** The carrier that the flags name; undefined for the default. */
export function readCarrier(flags: { carrier?: string | undefined }): LaunchCarrier | undefined {
	return flags.carrier as LaunchCarrier | undefined;
}
