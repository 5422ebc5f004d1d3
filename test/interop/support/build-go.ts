import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';

/** What `go build` says where it could not download a module, as against code that does not compile. */
const noDownload =
	/dial tcp|no such host|connection refused|i\/o timeout|TLS handshake|module lookup disabled|reading http|40[0-9] |50[0-9] |unexpected EOF/i;

/**
 * Builds programs of a Go module, unless they were built since anything of it changed: several test files want them in one run.
 *
 * @param builds what each `go build` gets as arguments
 * @returns why they cannot be built here; undefined where they are
 * @throws Error where the code does not compile
 */
export async function buildGo(
	source: string,
	folder: string,
	builds: readonly (readonly string[])[],
): Promise<string | undefined> {
	const env = { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0' };
	if (spawnSync('go', ['version'], { env }).status !== 0) return 'go is not installed';
	mkdirSync(folder, { recursive: true });
	// Test files run side by side, and a program that runs must not be written to.
	const release = await lock(folder, {
		retries: { retries: 600, minTimeout: 100, maxTimeout: 200 },
		stale: 120_000,
	});
	const stamp = join(folder, 'built');
	try {
		if (isNewer(stamp, source)) return undefined;
		for (const args of builds) {
			const built = spawnSync('go', ['build', '-ldflags=-s', ...args], {
				cwd: source,
				env,
				encoding: 'utf8',
				timeout: 280_000,
			});
			if (built.status === 0) continue;
			if (/requires go >=/.test(built.stderr)) return 'go is too old';
			if (built.error) return `go build failed: ${built.error.message}`;
			if (noDownload.test(built.stderr)) return 'the Go modules cannot be downloaded';
			throw new Error(`the Go side does not build:\n${built.stderr}`);
		}
		writeFileSync(stamp, '');
		return undefined;
	} finally {
		await release();
	}
}

/** Whether a file is there, and newer than all of a folder. */
function isNewer(file: string, folder: string): boolean {
	const built = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
	if (built === undefined) return false;
	// Folders too: they change where a file goes.
	const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
	return ['.', ...names].every((name) => statSync(join(folder, name)).mtimeMs < built);
}
