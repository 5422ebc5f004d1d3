import { statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';

/** A file or folder that a source reads from where it lies itself. */
export interface AssetReference {
	/** Absolute. */
	readonly path: string;
	readonly isFolder: boolean;
	/** Name as the source writes it. */
	readonly name: string;
	/** Line and column of the source, each counted from 1. */
	readonly line: number;
	readonly column: number;
}

/** Expressions that tell a source its own place. */
export const ownPlace = /\b__dirname\b|\b__filename\b|\bimport\.meta\b/;

/** A text that may name a file beside the source: it has an extension. */
const fileName = /(['"`])((?:\.{0,2}\/)?[\w@.-]+(?:\/[\w@.-]+)*\.[a-z][a-z0-9]{1,9})\1/gi;

/** A name that is given together with the place of the source: what it names counts, a folder too. */
const urlFromHere = /\bnew\s+URL\(\s*(['"`])([^'"`\n]+)\1\s*,\s*import\.meta\.url/g;
const resolvedFromHere = /\bimport\.meta\.resolve\(\s*(['"`])(\.{1,2}\/[^'"`\n]+)\1/g;

const ownRequire = /\brequire\s*=\s*(?:\w+\.)?createRequire\(/;
const required = /\brequire\(\s*(['"])(\.{1,2}\/[^'"\n]+)\1\s*\)/g;

/** Names of code, which is taken in where it is imported. */
const code = /\.[cm]?[jt]sx?$/;

/** Text before the name in an import of code or JSON: such a file is in the bundle. */
const importing = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*$/;

/**
 * Finds the files and folders that a source names together with its own place. A name that is put together when it runs is found as far as
 * it is a text: of `${here}/templates/${name}.txt` that is the folder.
 *
 * @param path of the source
 */
export function findAssets(path: string, source: string): AssetReference[] {
	if (!ownPlace.test(source)) return [];
	const folder = dirname(path);
	const found = new Map<string, AssetReference>();
	const take = (name: string, index: number, allowsFolder: boolean) => {
		const file = join(folder, withoutQuery(name)).replace(/(?<=.)\/$/, '');
		// The folders that it lies in itself are no asset, nor are its packages.
		if (found.has(file) || file === path || `${folder}/`.startsWith(`${file}/`)) return;
		if (basename(file) === 'node_modules') return;
		const stats = statSync(file, { throwIfNoEntry: false });
		if (!stats?.isFile() && !(allowsFolder && stats?.isDirectory())) return;
		const before = source.slice(0, index).split('\n');
		found.set(file, {
			path: file,
			isFolder: stats.isDirectory(),
			name,
			line: before.length,
			column: (before.at(-1)?.length ?? 0) + 1,
		});
	};
	for (const pattern of [urlFromHere, resolvedFromHere]) {
		for (const match of source.matchAll(pattern))
			take(literalPart(match[2] ?? ''), match.index + match[0].search(/['"`]/), true);
	}
	for (const match of source.matchAll(joinedFromHere(source))) {
		take(literalPart(segmentsOf(match[1] ?? '').join('/')), match.index, true);
	}
	for (const match of source.matchAll(templateFromHere(source))) {
		take(literalPart(match[1] ?? ''), match.index, true);
	}
	// A `require` of its own is none that the compiler looks into.
	const requiresItself = ownRequire.test(source);
	for (const match of requiresItself ? source.matchAll(required) : [])
		take(match[2] ?? '', match.index, false);
	for (const match of source.matchAll(fileName)) {
		const name = match[2] ?? '';
		if (code.test(name)) continue;
		const before = source.slice(Math.max(0, match.index - 40), match.index);
		if (extname(name) === '.json' && importing.test(before)) continue;
		take(name, match.index, false);
	}
	return [...found.values()];
}

/** The names of the variables that are made from the place of the source, as a part of a pattern. */
function placeNames(source: string): string {
	const names = ['__dirname', 'import\\.meta\\.dirname'];
	const declared = /\b(?:const|let|var)\s+(\w+)(?:\s*:\s*\w+)?\s*=\s*([^;\n]*)/g;
	for (const [, name = '', value = ''] of source.matchAll(declared)) {
		if (ownPlace.test(value) && /dirname|__dirname/.test(value)) names.push(name);
	}
	return `(?:${names.join('|')}|(?:\\w+\\.)?dirname\\((?:\\w+\\.)?(?:fileURLToPath\\()?(?:import\\.meta\\.url|__filename)\\)?\\))`;
}

/** `join(here, 'a', 'b')`, and `resolve`. */
function joinedFromHere(source: string): RegExp {
	return new RegExp(
		`\\b(?:join|resolve)\\(\\s*${placeNames(source)}\\s*,\\s*((?:(?:'[^'\\n]*'|"[^"\\n]*"|\`[^\`\\n]*\`)\\s*,?\\s*)+)`,
		'g',
	);
}

/** `${here}/a/b`, and `here + '/a/b'`. */
function templateFromHere(source: string): RegExp {
	return new RegExp(
		`(?:\`\\$\\{${placeNames(source)}\\}|\\b${placeNames(source)}\\s*\\+\\s*['"\`])/([^'"\`\\n]+)['"\`]`,
		'g',
	);
}

function segmentsOf(text: string): string[] {
	return [...text.matchAll(/(['"`])(.*?)\1/g)].map(([, , segment = '']) => segment);
}

/** Part of a text before the first expression in it: with whole names only. */
function literalPart(name: string): string {
	const end = name.indexOf('${');
	return end < 0 ? name : name.slice(0, name.lastIndexOf('/', end) + 1);
}

function withoutQuery(name: string): string {
	return name.replace(/[?#].*$/, '');
}
