import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

/** The port at which debuggers look first. */
const usualPort = 9229;

/**
 * Lets a debugger attach to this process, from this machine only.
 *
 * @returns where it listens: a `ws:` URL
 * @throws OrchestraError `usage` where the runtime cannot begin with it while it runs
 */
export async function openDebugger(): Promise<string> {
	const { default: inspector } = await import('node:inspector');
	const known = inspector.url();
	if (known !== undefined) return known;
	for (const port of [usualPort, 0]) {
		try {
			inspector.open(port, '127.0.0.1');
		} catch {
			continue; // The port is taken, or there is no such thing here.
		}
		const url = inspector.url();
		if (url !== undefined) return url;
	}
	throw new OrchestraError('usage', 'this runtime cannot let a debugger attach while it runs', {
		hint: 'Add --spawn, which starts a process with a debugger in it; or start the runtime itself with --inspect.',
	});
}

/** The line with which a runtime says where its debugger listens. */
export function debuggerIn(line: string): string | undefined {
	return /^Debugger listening on (ws:\/\/\S+)$/.exec(line.trim())?.[1];
}
