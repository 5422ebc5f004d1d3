import { toolchainVersion } from '../installation.ts';

/** What this software calls itself to peers. */
export function softwareName(): string {
	return `orchestra/${toolchainVersion()}`;
}
