import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quicWorks } from '../../launching/quic-works.ts';
import { buildGo } from './build-go.ts';

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

/**
 * Builds the Go programs once: a second build with nothing changed costs a tenth of a second.
 *
 * @throws Error where the code does not compile
 */
export async function goBinaries(): Promise<GoBinaries> {
	return { plugin: join(folder, 'plugin'), peer: join(folder, 'peer'), missing: await build() };
}

/** The name of a group of tests, with the reason why it is skipped, where it is. */
export function titled(title: string, { missing }: Pick<GoBinaries, 'missing'>): string {
	return missing ? `${title} [skipped: ${missing}]` : title;
}

async function build(): Promise<string | undefined> {
	if (!(await quicWorks())) return 'QUIC has no binary for this machine';
	return buildGo(source, folder, [['-o', `${folder}/`, './...']]);
}
