import { resolve } from 'node:path';
import type { Metafile, transform } from 'esbuild';
import { type CompilerFault, frameOf } from '../compile/compiler-fault.ts';
import { loaderOf } from '../compile/own-places.ts';
import { isPackageFile, readText } from '../compile/package-files.ts';
import { toolchainRoot } from '../installation.ts';
import { shownPath } from '../shown-path.ts';
import { decodeMappings } from './source-map-mappings.ts';

/** Expressions with which a source asks whether there is a Deno, and so does without. */
const asks = /typeof\s+Deno\b(?!\s*\.)|globalThis\.Deno\b|['"]Deno['"]\s+in\s+globalThis/;

/** Name that the compiler puts in the place of Deno's global, so that its uses can be told from texts, comments, types and names like it. */
const mark = '__orchestra_deno_global';

/**
 * Places where the plugin's own sources use what only Deno has, without asking first.
 *
 * @param folder what the report's paths are relative to
 * @param compile the compiler's transform
 */
export async function denoGlobalFaults(
	{ inputs }: Metafile,
	folder: string,
	compile: typeof transform,
): Promise<CompilerFault[]> {
	const faults: CompilerFault[] = [];
	for (const name of Object.keys(inputs)) {
		const path = resolve(folder, name);
		if (!/\.[cm]?[jt]sx?$/.test(name) || isPackageFile(path) || path.startsWith(toolchainRoot)) continue;
		if (/^[a-z-]+:|^orchestra-entry/.test(name)) continue;
		const source = readText(path);
		if (/\bDeno\b/.test(source) && !asks.test(source))
			faults.push(...(await faultsIn(path, source, compile)));
	}
	return faults;
}

async function faultsIn(path: string, source: string, compile: typeof transform): Promise<CompilerFault[]> {
	const { code, map } = await compile(source, {
		loader: loaderOf(path),
		define: { Deno: mark },
		sourcemap: 'external',
		legalComments: 'none',
	});
	const mappings = decodeMappings((JSON.parse(map) as { mappings: string }).mappings);
	const lines = source.split('\n');
	const faults = new Map<string, CompilerFault>();
	for (const [index, text] of code.split('\n').entries()) {
		for (const { index: column } of text.matchAll(new RegExp(mark, 'g'))) {
			const at = mappings[index]?.findLast(([begin]) => begin <= column);
			if (!at) continue;
			const [line, from] = [at[2] + 1, at[3] + 1];
			const lineText = lines[line - 1] ?? '';
			const [use = 'Deno'] = /^Deno(\s*\.\s*\w+)?/.exec(lineText.slice(from - 1)) ?? [];
			faults.set(`${line}:${from}`, {
				file: shownPath(path),
				line,
				column: from,
				text: `${use.replaceAll(/\s/g, '')} is there on Deno only`,
				frame: frameOf(line, from, lineText),
			});
		}
	}
	return [...faults.values()];
}
