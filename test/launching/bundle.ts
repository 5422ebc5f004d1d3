import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Makes one file of a fixture in TypeScript, for a Node that cannot run it as it is. Returns its path. */
export async function bundle(fixture: string, folder: string): Promise<string> {
	const outfile = join(folder, fixture.replace(/\.ts$/, '.mjs'));
	await build({
		entryPoints: [fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url))],
		outfile,
		bundle: true,
		format: 'esm',
		platform: 'node',
		target: 'node20',
		// Resolved from the checkout: the bundle lies outside of it.
		banner: {
			js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(${JSON.stringify(import.meta.url)});`,
		},
		external: ['@matrixai/quic', '*/quic-carrier.ts'],
		logLevel: 'silent',
	});
	return outfile;
}
