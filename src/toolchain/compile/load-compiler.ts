import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/** Files that the compiler's process and its pipes need to be started. */
const neededFiles = 16;

/** The compiler. @throws Error `EMFILE` where its process could not be started: it would say so to nobody, and fail with something else */
export async function loadCompiler(): Promise<typeof import('esbuild')> {
	const compiler = await import('esbuild');
	const files: number[] = [];
	try {
		while (files.length < neededFiles) files.push(openSync(devNull, 'r'));
	} finally {
		for (const file of files) closeSync(file);
	}
	return compiler;
}
