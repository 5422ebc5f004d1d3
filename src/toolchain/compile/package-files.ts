import { readFileSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';

const modulesFolder = `${sep}node_modules${sep}`;

/** Stands in the source map of a bundle for everything in it that the author did not write. */
export const bundledPackages = 'node_modules/bundled';

/** Whether a file belongs to an installed package, as opposed to the plugin's own sources and linked workspaces. */
export function isPackageFile(path: string): boolean {
	return path.includes(modulesFolder);
}

/** The name of the package that a file under node_modules belongs to. */
export function packageNameOf(path: string): string {
	const inside = path.slice(path.lastIndexOf(modulesFolder) + modulesFolder.length).split(sep);
	return inside.slice(0, inside[0]?.startsWith('@') ? 2 : 1).join('/');
}

/** The name of the package in an import such as `@acme/tools/file`; undefined for a path, a URL and an `#import`. */
export function importedPackage(specifier: string): string | undefined {
	if (/^[./#]/.test(specifier) || /^[a-z][a-z0-9+.-]*:/i.test(specifier)) return undefined;
	return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** The text of a file in UTF-8, without the byte order mark that some editors put in front. */
export function readText(path: string): string {
	return withoutMark(readFileSync(path, 'utf8'));
}

/** A text without a byte order mark in front. */
export function withoutMark(text: string): string {
	return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** Whether Node takes a file for an ES module. TypeScript and JSX count, since only the compiler can read them. */
export function isEsModule(path: string): boolean {
	if (/\.(mjs|[cm]?tsx?|jsx)$/.test(path)) return true;
	return path.endsWith('.js') && typeOfFolder(dirname(path)) === 'module';
}

/** The `type` of the package.json that applies to a folder, as Node looks for it. */
function typeOfFolder(start: string): unknown {
	for (let folder = start; ; folder = dirname(folder)) {
		if (basename(folder) === 'node_modules') return undefined;
		let text: string | undefined;
		try {
			text = readText(join(folder, 'package.json'));
		} catch {
			// None here: the next one up applies.
		}
		if (text !== undefined) return parsedType(text);
		if (folder === dirname(folder)) return undefined;
	}
}

function parsedType(text: string): unknown {
	try {
		return (JSON.parse(text) as { type?: unknown } | null)?.type;
	} catch {
		return undefined; // The compiler says what is wrong with it.
	}
}
