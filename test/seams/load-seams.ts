import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { embedded, launched, type PluginSource } from '../../src/runtime/host.ts';
import { bundleProgram } from '../support/bundle-program.ts';
import { patienceMs } from '../support/patience.ts';
import { runtimeCommand } from '../support/runtime-command.ts';
import { seamsPlugin } from './fixtures/seams-plugin.ts';

/** Where a seam may be: in this process, or in one of its own behind a carrier. */
export const places = ['embedded', 'tcp', 'quic', 'tcp on Deno'] as const;

const fixture = new URL('fixtures/seams-plugin.ts', import.meta.url);

/** A folder for certificates and bundles, with what removes it. */
export function seamsFolder() {
	const folder = mkdtempSync(join(tmpdir(), 'orchestra-seams-'));
	return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The plugin of the fixtures at one of the {@link places}. */
export async function seamsAt(place: (typeof places)[number], folder: string): Promise<PluginSource> {
	if (place === 'embedded') return embedded(seamsPlugin);
	const carrier = place === 'quic' ? 'quic' : 'tcp';
	const certsDir = join(folder, 'certs');
	if (place === 'tcp on Deno') {
		const [command, args] = runtimeCommand('deno', fileURLToPath(fixture));
		return launched({
			label: 'seams',
			command: { command, args },
			certsDir,
			carrier,
			readyTimeoutMs: patienceMs,
		});
	}
	const program = await bundleProgram(fixture, folder);
	return launched({
		label: program,
		command: { command: process.execPath, args: [program] },
		certsDir,
		carrier,
		readyTimeoutMs: patienceMs,
	});
}
