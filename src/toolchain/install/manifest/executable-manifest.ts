import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { explainExecutable } from '../../../runtime/launching/explain-executable.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { type InstalledManifest, readManifest } from './installed-manifest.ts';
import { minimalEnvironment } from './minimal-environment.ts';

/** Milliseconds that a program has to print its manifest. */
const manifestTimeoutMs = 10_000;

/** Bytes of a manifest. */
const maxOutput = 1024 * 1024;

/** Characters of what it prints to stderr that are kept. */
const maxComplaint = 2_000;

/**
 * Asks a program for its manifest: runs it with `--manifest`, in an environment with nothing of the user's in it. It is killed, with
 * what it started, when it has answered or its time is up.
 *
 * @param scratch an empty folder: its working folder, home and place for temporary files
 * @throws OrchestraError `invalid_manifest`; `cancelled` when the signal aborts
 */
export async function executableManifest(
	path: string,
	scratch: string,
	options: { readonly timeoutMs?: number; readonly signal?: AbortSignal | undefined } = {},
): Promise<InstalledManifest> {
	const name = basename(path);
	const timeoutMs = options.timeoutMs ?? manifestTimeoutMs;
	const wrong = (why: string, hint = 'It has to print one JSON object with its id and exit with 0.') =>
		new OrchestraError('invalid_manifest', `${name} --manifest ${why}`, { hint, details: { path } });

	const child = spawn(path, ['--manifest'], {
		cwd: scratch,
		env: minimalEnvironment(scratch),
		stdio: ['ignore', 'pipe', 'pipe'],
		// A group of its own, so that what it starts can be ended with it.
		detached: process.platform !== 'win32',
	});
	const kill = () => {
		if (child.pid === undefined) return;
		try {
			if (process.platform === 'win32') child.kill('SIGKILL');
			else process.kill(-child.pid, 'SIGKILL');
		} catch {
			// All of it has ended.
		}
	};
	process.once('exit', kill);
	const output: Buffer[] = [];
	let size = 0;
	let complaint = '';
	let fault: OrchestraError | undefined;
	const end = (error: OrchestraError) => {
		fault ??= error;
		kill();
	};
	child.stdout.on('data', (chunk: Buffer) => {
		size += chunk.length;
		if (size > maxOutput) end(wrong('printed more than 1 MiB'));
		else output.push(chunk);
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		complaint = (complaint + text).slice(-maxComplaint);
	});
	const timer = setTimeout(() => end(wrong(`did not end within ${timeoutMs / 1000} s`)), timeoutMs);
	const onAbort = () => end(new OrchestraError('cancelled', 'nothing was installed'));
	options.signal?.addEventListener('abort', onAbort);
	if (options.signal?.aborted) onAbort();
	let status: string | undefined;
	try {
		status = await new Promise<string | undefined>((resolve, reject) => {
			child.once('error', reject);
			// A child of its own may hold the pipes open: its exit is what counts.
			child.once('exit', (code, signal) => {
				kill();
				const exit = code === 0 ? undefined : code === null ? `${signal}` : `exit code ${code}`;
				child.once('close', () => resolve(exit));
			});
		});
	} catch (error) {
		const why = await explainExecutable(path);
		throw wrong(`cannot be run: ${(error as Error).message}`, why ?? 'Is it a program for this machine?');
	} finally {
		clearTimeout(timer);
		options.signal?.removeEventListener('abort', onAbort);
		process.off('exit', kill);
		kill();
	}
	if (fault) throw fault;
	if (status !== undefined) {
		const [line = ''] = complaint.trim().split('\n').slice(-1);
		throw wrong(`ended with ${status}${line === '' ? '' : `: ${JSON.stringify(line.slice(0, 300))}`}`);
	}
	const text = Buffer.concat(output).toString('utf8');
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		throw wrong(`printed no JSON: ${(error as Error).message}`);
	}
	return readManifest(value, name);
}
