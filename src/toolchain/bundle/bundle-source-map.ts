import { relative, sep } from 'node:path';
import { ownSourceMap } from './own-source-map.ts';

/** Kind of source map of a bundle: the author's own files in the bundle, a whole map beside it, or none. */
export type SourceMapKind = 'own' | 'file' | 'none';

/** The last line of a bundle, by which its map is found; nothing where it has none. @param map with everything in it */
export function mapLine(map: string, kind: SourceMapKind, name: string, root: string): string {
	if (kind === 'none') return '';
	if (kind === 'file') return `//# sourceMappingURL=${name}.map\n`;
	const text = Buffer.from(ownSourceMap(map, root)).toString('base64');
	return `//# sourceMappingURL=data:application/json;base64,${text}\n`;
}

/**
 * Folder that the sources of a map are relative to, from the folder of the output: empty, or with a slash at its end. Where the output is not
 * inside of the project it is left out: the same sources would give other bytes in another place.
 */
export function sourceRoot(out: string, projectDir: string): string {
	const path = relative(out, projectDir).replaceAll(sep, '/');
	return path !== '' && /^(\.\.\/?)*$/.test(path) ? `${path}/` : '';
}

/** A map whose sources are relative to that. */
export function withSourceRoot(map: string, root: string): string {
	return root === '' ? map : JSON.stringify({ ...(JSON.parse(map) as object), sourceRoot: root });
}
