import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Metafile, Plugin } from 'esbuild';
import { type Fault, frameOf, shownPath } from '../compile/fault.ts';
import { isPackageFile } from '../compile/package-files.ts';
import { toolchainRoot } from '../installation.ts';

/** What the compiler puts in where a source uses Deno's global, so that the uses can be told from texts and comments. */
export const denoGlobal = 'orchestra:deno-global';

/** Where a source asks whether there is a Deno, and so does without. */
const asks = /typeof\s+Deno\b|globalThis\.Deno\b|['"]Deno['"]\s+in\s+globalThis/;

/** Gives sources Deno's global by an import, which shows in the compiler's report. */
export const denoGlobals: Plugin = {
	name: 'deno-globals',
	setup(build) {
		build.onResolve({ filter: /^orchestra:deno-global$/ }, ({ path }) => ({
			path,
			namespace: 'deno-global',
			sideEffects: false,
		}));
		build.onLoad({ filter: /.*/, namespace: 'deno-global' }, () => ({
			contents: 'const found = globalThis.Deno;\nexport { found as Deno };',
		}));
	},
};

/** Where the plugin's own sources use what only Deno has, without asking first. @param folder what the report's paths are relative to */
export function denoFaults({ inputs }: Metafile, folder: string): Fault[] {
	return Object.entries(inputs)
		.filter(([, { imports }]) => imports.some(({ path }) => path.startsWith('deno-global:')))
		.map(([name]) => resolve(folder, name))
		.filter((path) => !isPackageFile(path) && !path.startsWith(toolchainRoot))
		.flatMap((path) => faultsIn(path));
}

function faultsIn(path: string): Fault[] {
	const source = readFileSync(path, 'utf8');
	if (asks.test(source)) return [];
	const faults: Fault[] = [];
	for (const [index, lineText] of source.split('\n').entries()) {
		const found = /^(?!\s*(?:\/\/|\*)).*?(?<![.\w'"`])(Deno\s*\.\s*\w+)/.exec(lineText);
		if (!found) continue;
		const [, use = ''] = found;
		const column = found[0].length - use.length + 1;
		const text = `${use.replaceAll(/\s/g, '')} is there on Deno only`;
		faults.push({
			file: shownPath(path),
			line: index + 1,
			column,
			text,
			frame: frameOf(index + 1, column, lineText),
		});
	}
	return faults.length > 0
		? faults
		: [{ file: shownPath(path), text: 'it uses Deno, which is there on Deno only' }];
}
