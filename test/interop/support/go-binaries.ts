import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lock } from 'proper-lockfile';
import { quicWorks } from '../../launching/quic-works.ts';

/** The programs of the Go side, built from test/interop/go. */
export interface GoBinaries {
	/** A plugin on the Go SDK. */
	readonly plugin: string;
	/** Client, host and servers of the Go SDK, driven by {@link GoPeer}. */
	readonly peer: string;
	/** Why the tests cannot run here; undefined where they can. Belongs into their names, so that a skip is never silent. */
	readonly missing: string | undefined;
}

const source = fileURLToPath(new URL('../go', import.meta.url));
const folder = fileURLToPath(new URL('../bin', import.meta.url));

/** What `go build` says where it could not download a module, as against code that does not compile. */
const noDownload =
	/dial tcp|no such host|connection refused|i\/o timeout|TLS handshake|module lookup disabled|reading http|40[0-9] |50[0-9] |unexpected EOF/i;

/**
 * Builds the Go programs once: a second build with nothing changed costs a tenth of a second.
 *
 * @throws Error where the code does not compile
 */
export async function goBinaries(): Promise<GoBinaries> {
	return { plugin: join(folder, 'plugin'), peer: join(folder, 'peer'), missing: await build() };
}

/** The name of a group of tests, with the reason why it is skipped, where it is. */
export function titled(title: string, { missing }: GoBinaries): string {
	return missing ? `${title} [skipped: ${missing}]` : title;
}

async function build(): Promise<string | undefined> {
	if (!(await quicWorks())) return 'QUIC has no binary for this machine';
	const env = { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0' };
	if (spawnSync('go', ['version'], { env }).status !== 0) return 'go is not installed';
	mkdirSync(folder, { recursive: true });
	// Test files run side by side, and a program that runs must not be written to.
	const release = await lock(folder, {
		retries: { retries: 600, minTimeout: 100, maxTimeout: 200 },
		stale: 120_000,
	});
	try {
		const built = spawnSync('go', ['build', '-ldflags=-s', '-o', `${folder}/`, './...'], {
			cwd: source,
			env,
			encoding: 'utf8',
			timeout: 110_000,
		});
		if (built.status === 0) return undefined;
		if (/requires go >=/.test(built.stderr)) return 'go is too old';
		if (built.error) return `go build failed: ${built.error.message}`;
		if (noDownload.test(built.stderr)) return 'the Go modules cannot be downloaded';
		throw new Error(`the Go side does not build:\n${built.stderr}`);
	} finally {
		await release();
	}
}
