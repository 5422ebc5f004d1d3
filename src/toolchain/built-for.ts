import { closeSync, openSync, readSync } from 'node:fs';
import { relative } from 'node:path';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { ownRuntime, type RuntimeName, runtimeTitle } from './find-runtime.ts';

/** Bytes at the begin of a bundle in which its runtime is named. */
const headBytes = 256;

/** The line below the hashbang of a bundle that was built for one runtime. */
export function targetLine(runtime: RuntimeName): string {
	return `// orchestra build --target ${runtime}`;
}

/** The runtime that a module was built for; undefined where that was not said, and for what is no bundle. */
export function builtFor(path: string): RuntimeName | undefined {
	if (!path.endsWith('.mjs')) return undefined;
	let file: number | undefined;
	try {
		file = openSync(path, 'r');
		const head = Buffer.alloc(headBytes);
		const text = head.toString('latin1', 0, readSync(file, head));
		return /^#![^\n]*\n\/\/ orchestra build --target (node|deno)\n/.exec(text)?.[1] as
			| RuntimeName
			| undefined;
	} catch {
		return undefined; // Whoever loads it says why it cannot be read.
	} finally {
		if (file !== undefined) closeSync(file);
	}
}

/** @throws OrchestraError `requirement_unmet` where a module was built for a runtime that is not the one of this process */
export function assertBuiltForThis(path: string): void {
	const runtime = builtFor(path);
	if (runtime === undefined || runtime === ownRuntime) return;
	throw new OrchestraError(
		'requirement_unmet',
		`${relative(process.cwd(), path)} was built for ${runtimeTitle[runtime]}, and this process is ${runtimeTitle[ownRuntime]}`,
		{
			hint: `Add --spawn (spawn: true in orchestra.yaml): ${runtimeTitle[runtime]} runs it then. Or build it without --target, for both.`,
			details: { path, runtime },
		},
	);
}
