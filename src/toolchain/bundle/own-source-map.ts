import { bundledPackages } from '../compile/package-files.ts';
import { decodeMappings, encodeMappings, type Segment } from './source-map-mappings.ts';

/** Fields of a source map that count here. */
interface SourceMapFile {
	readonly version: number;
	readonly sources: readonly string[];
	readonly mappings: string;
}

/**
 * The map of the author's own files alone, without their text: small enough to be in the bundle itself. The code of packages and of the
 * runtime is mapped to one name, rather than to nothing: what reads maps of minified code would take it for the author's otherwise.
 *
 * @param map with stable paths
 * @param sourceRoot what the paths are relative to, from the bundle's folder; ends in `/` where it is not empty
 */
export function ownSourceMap(map: string, sourceRoot: string): string {
	const { sources, mappings } = JSON.parse(map) as SourceMapFile;
	const own = sources.filter(isOwn);
	const indices = sources.map((source) => (isOwn(source) ? own.indexOf(source) : own.length));
	const lines = decodeMappings(mappings).map((line) => {
		const kept: Segment[] = [];
		for (const [column, source, row, from] of line) {
			const index = indices[source] ?? own.length;
			if (index < own.length) kept.push([column, index, row, from]);
			else if (kept.at(-1)?.[1] !== own.length) kept.push([column, own.length, 0, 0]);
		}
		return kept;
	});
	// A line of others needs no mark where no line of the author's goes on in it: each line begins anew.
	const marked = lines.map((line) => (line.every(([, source]) => source === own.length) ? [] : line));
	return JSON.stringify({
		version: 3,
		...(sourceRoot === '' ? {} : { sourceRoot }),
		sources: [...own, bundledPackages],
		names: [],
		mappings: encodeMappings(marked).replace(/;+$/, ''),
	});
}

function isOwn(source: string): boolean {
	return (
		!source.startsWith('node_modules/') &&
		!source.endsWith('orchestra-entry.mjs') &&
		!/^[a-z-]+:/.test(source)
	);
}
