import { hasDescriptors } from '../../runtime/carrier/fd/line-descriptors.ts';
import type { LaunchCarrier } from '../../runtime/launching/plugin-environment.ts';

/**
 * Carrier over which the process of a module is reached: our own runner is in it, which takes descriptors of its host. Where the system does not
 * pass them on, it listens.
 */
export function moduleCarrier(asked: LaunchCarrier | undefined): LaunchCarrier {
	if (asked !== undefined && asked !== 'fd') return asked;
	return hasDescriptors() ? 'fd' : 'quic';
}

/** Whether the process of a module dials its host, rather than being on a line with it. */
export function moduleDials(asked: LaunchCarrier | undefined): boolean {
	return moduleCarrier(asked) !== 'fd';
}
