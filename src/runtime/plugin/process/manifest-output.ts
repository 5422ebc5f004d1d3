import { onDeno } from '../../platform/on-deno.ts';

/** Key of the real stdout in the global registry, where the first line of a bundle may have put it. */
const keptKey = Symbol.for('orchestra.manifest-output');

/** Writes to stdout itself. */
type Write = (text: string, done: () => void) => unknown;

/**
 * Sends what the module of a plugin prints to stderr, so that `--manifest` prints the manifest and nothing else. For before the module
 * is loaded; a bundle does the same in its first lines (`manifestGuard` of the bundler).
 */
export function keepStdoutForManifest(): void {
	const registry = globalThis as { [keptKey]?: Write };
	if (registry[keptKey]) return;
	registry[keptKey] = process.stdout.write.bind(process.stdout);
	process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
	// Deno's console does not go through process.stdout.
	if (onDeno) console.log = console.info = console.debug = console.error;
}

/** Writer to stdout, whether stdout was kept or not. */
export function stdoutForManifest(): Write {
	return (globalThis as { [keptKey]?: Write })[keptKey] ?? process.stdout.write.bind(process.stdout);
}
