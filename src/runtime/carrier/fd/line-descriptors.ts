import type { Socket } from 'node:net';

/**
 * The private line between a host and a process that it started: two socketpairs, one for what the host asks and one for what the process
 * asks, since requests and responses share their tags. There is no port and no handshake: nobody else holds an end, so that who is at the
 * other one is known from the start.
 */
export interface Line {
	/** Carries the host's requests. */
	readonly toProcess: Socket;
	/** Carries the requests of the process. */
	readonly toHost: Socket;
}

/** The descriptors of a line in the process that was started. */
export const lineDescriptors = { toProcess: 3, toHost: 4 } as const;

/** Whether this system gives descriptors to the processes that are started. */
export function hasDescriptors(platform: NodeJS.Platform = process.platform): boolean {
	return platform === 'linux' || platform === 'darwin';
}

/** The variable in which a host says on which descriptors it is: what it asks, what it is asked. Older plugins pass it over. */
export const lineVariable = 'ORCHESTRA_DESCRIPTORS';
