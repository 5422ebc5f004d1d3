import { Socket } from 'node:net';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { type Line, lineVariable } from './line-descriptors.ts';

/**
 * The line that the host of this process gave it; undefined where it gave none.
 *
 * @throws OrchestraError `usage` where the variable says something else, `carrier_unavailable` where the descriptors are none
 */
export function inheritedLine(env: NodeJS.ProcessEnv): Line | undefined {
	const text = env[lineVariable];
	if (text === undefined || text === '') return undefined;
	const [, toProcess, toHost] = /^(\d{1,6}),(\d{1,6})$/.exec(text) ?? [];
	if (toProcess === undefined || toHost === undefined || toProcess === toHost) {
		throw new OrchestraError('usage', `${lineVariable} is two descriptors, not ${JSON.stringify(text)}`);
	}
	// The host may be done asking while we still answer; what we ask has no use for half a connection.
	return { toProcess: open(Number(toProcess), true), toHost: open(Number(toHost), false) };
}

function open(fd: number, allowHalfOpen: boolean): Socket {
	try {
		return new Socket({ fd, readable: true, writable: true, allowHalfOpen });
	} catch (error) {
		throw new OrchestraError(
			'carrier_unavailable',
			`descriptor ${fd} is no connection to a host: ${(error as Error).message}`,
			{
				hint: `Something between the host and this process closed it. Start it with --carrier quic, or without ${lineVariable}.`,
				cause: error,
			},
		);
	}
}
