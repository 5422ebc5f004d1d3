import { basename, dirname, join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import { onDeno } from '../../runtime/platform/on-deno.ts';
import { isBuiltin } from '../compile/builtin-modules.ts';
import type { OutsideImport } from '../compile/commonjs-outside.ts';
import { importedPackage, isPackageFile } from '../compile/package-files.ts';
import { changedAt, contentOf, realPathOf, type Stamp, stampOf } from './file-stamp.ts';
import { type AliasRoot, aliased, followTsconfig } from './tsconfig-chain.ts';

/**
 * Everything on disk that a compiled module depends on, as it was: the files that went in, the package.json and tsconfig.json
 * above them with what they extend, the places where an import would find another file if there were one, and where the links
 * in node_modules lead.
 */
export interface SourceRecord {
	readonly files: ReadonlyArray<readonly [path: string, stamp: Stamp, content: string]>;
	readonly links: ReadonlyArray<readonly [path: string, real: string]>;
	/** Time when the files were last read and found to be so; milliseconds since 1970. */
	readonly at: number;
}

/** Milliseconds within which a second change may leave a file with the same times. Deno tells whole seconds. */
const timeGrain = onDeno ? 1000 : 20;

/** Extensions that the compiler tries for an import that names no file, in this order. */
const triedExtensions = ['', '.tsx', '.ts', '.jsx', '.js', '.css', '.json'];

/** An import as it stands in a source, and the folder of that source. */
type Import = Pick<OutsideImport, 'from' | 'specifier'>;

/**
 * Records what a compilation depended on.
 *
 * @param folder what the metafile's paths are relative to
 * @param startedAt when the compilation began; milliseconds since 1970
 * @returns undefined where a source changed meanwhile: what was compiled may be neither the old nor the new
 */
export function recordSources(
	metafile: Metafile,
	folder: string,
	outside: readonly OutsideImport[],
	startedAt: number,
): SourceRecord | undefined {
	const { files, links } = dependencies(metafile, folder, outside);
	const record: SourceRecord = {
		files: [...files].map((path) => [path, stampOf(path), contentOf(path)]),
		links: [...links],
		at: Date.now(),
	};
	return record.files.some(([, stamp]) => changedAt(stamp) >= startedAt) ? undefined : record;
}

/** The paths of a record. */
export function pathsOf({ files, links }: SourceRecord): string[] {
	return [...files.map(([path]) => path), ...links.map(([path]) => path)];
}

/** The paths of what a compilation depended on, present or not. */
export function sourcePaths(metafile: Metafile, folder: string, outside: readonly OutsideImport[]): string[] {
	const { files, links } = dependencies(metafile, folder, outside);
	return [...files, ...links.keys()];
}

function dependencies({ inputs }: Metafile, folder: string, outside: readonly OutsideImport[]) {
	const sources: string[] = [];
	const imports: Import[] = [...outside];
	for (const [name, input] of Object.entries(inputs)) {
		if (isMadeUp(name)) continue;
		const path = resolve(folder, name);
		sources.push(path);
		for (const { original, path: target } of input.imports) {
			imports.push({ from: dirname(path), specifier: original ?? target });
		}
	}
	const files = new Set([...sources, ...outside.map(({ path }) => path)]);
	const roots = addConfigurations(files);
	for (const { from, specifier } of imports) {
		if (isPackageFile(`${from}/`)) continue;
		if (/^\.{1,2}(\/|$)/.test(specifier)) addTried(resolve(from, specifier), files);
		else for (const base of aliasesOf(roots, specifier)) addTried(base, files);
	}
	return { files, links: linksOf(imports) };
}

/** Whether an input of the metafile is none that lies on disk: our own lines around the plugin, or in between. */
function isMadeUp(name: string): boolean {
	return (
		name === 'orchestra-entry.mjs' ||
		/^(runtime|own-places|later|literal|native|remote|\(disabled\)):/.test(name)
	);
}

/** Adds each package.json and tsconfig.json above the files. */
function addConfigurations(files: Set<string>): AliasRoot[] {
	const folders = new Set<string>();
	for (const path of files) {
		for (let folder = dirname(path); !folders.has(folder); folder = dirname(folder)) folders.add(folder);
	}
	const roots: AliasRoot[] = [];
	for (const folder of folders) {
		files.add(join(folder, 'package.json'));
		if (isPackageFile(`${folder}/`)) continue;
		for (const name of ['tsconfig.json', 'jsconfig.json']) {
			const path = join(folder, name);
			files.add(path);
			roots.push(...followTsconfig(path, files));
		}
	}
	return roots;
}

function aliasesOf(roots: readonly AliasRoot[], specifier: string): string[] {
	return roots.map((root) => aliased(root, specifier)).filter((path) => path !== undefined);
}

/** Adds what would win over the file that a path without an extension was found to be, and that file. */
function addTried(base: string, files: Set<string>): void {
	for (const path of [base, join(base, 'index')]) {
		for (const extension of triedExtensions) {
			const candidate = path + extension;
			if (extension === '' && path !== base) continue;
			files.add(candidate);
			if (stampOf(candidate) !== '' && stampOf(candidate) !== 'folder') return;
		}
	}
}

/** Folder in which each imported package was found, and each level below where it was not. */
function linksOf(imports: readonly Import[]): Map<string, string> {
	const links = new Map<string, string>();
	for (const { from, specifier } of imports) {
		const name = isBuiltin(specifier) ? undefined : importedPackage(specifier);
		if (name === undefined) continue;
		for (let folder = from; ; folder = dirname(folder)) {
			if (basename(folder) !== 'node_modules') {
				const path = join(folder, 'node_modules', name);
				const known = links.get(path) ?? realPathOf(path);
				links.set(path, known);
				if (known !== '') break;
			}
			if (folder === dirname(folder)) break;
		}
	}
	return links;
}

/** State of a record. */
export type RecordState =
	| { readonly kind: 'fresh' }
	/** Contents had to be read and are the same: this record says so, and saves the next start from it. */
	| { readonly kind: 'touched'; readonly record: SourceRecord }
	| { readonly kind: 'stale' };

/** Compares a record with the disk. Contents are read only where times or inodes changed, as package managers change them. */
export function stateOf(record: SourceRecord): RecordState {
	for (const [path, real] of record.links) if (realPathOf(path) !== real) return { kind: 'stale' };
	const at = Date.now();
	let touched = false;
	const files: Array<readonly [string, Stamp, string]> = [];
	for (const file of record.files) {
		const [path, stamp, content] = file;
		const now = stampOf(path);
		if (now === stamp && changedAt(stamp) + timeGrain < record.at) {
			files.push(file);
			continue;
		}
		if (now !== stamp && (now === '' || stamp === '' || now === 'folder')) return { kind: 'stale' };
		if (contentOf(path) !== content) return { kind: 'stale' };
		// Old enough by now that its times will tell: the next start need not read it.
		touched ||= changedAt(now) + timeGrain < at;
		files.push([path, now, content]);
	}
	return touched ? { kind: 'touched', record: { files, links: record.links, at } } : { kind: 'fresh' };
}

/** Whether a value read from a file is a record. */
export function isSourceRecord(value: unknown): value is SourceRecord {
	const { files, links, at } = (value ?? {}) as Partial<SourceRecord>;
	return isRows(files, 3) && isRows(links, 2) && typeof at === 'number';
}

function isRows(value: unknown, width: number): boolean {
	const isRow = (row: unknown) =>
		Array.isArray(row) && row.length === width && row.every((part) => typeof part === 'string');
	return Array.isArray(value) && value.every(isRow);
}
