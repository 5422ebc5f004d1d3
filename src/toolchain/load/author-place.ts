import { existsSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { frameOfFile } from '../compile/compiler-fault.ts';
import { bundledPackages, isPackageFile } from '../compile/package-files.ts';
import { toolchainRoot } from '../installation.ts';
import { shownPath } from '../shown-path.ts';
import { cacheDir } from './cache-folder.ts';
import { realPathOf } from './file-stamp.ts';

/** Place in the author's own source. */
export interface AuthorPlace {
	/** Path as a person at this working directory would write it. */
	readonly file: string;
	/** Counted from 1. */
	readonly line: number;
	/** Counted from 1. */
	readonly column: number;
	/** The line, with a mark below the place. */
	readonly frame?: string | undefined;
}

/** A place in a line of a stack: `file:///folder/file.mjs:3:7`, or the same as a path. */
const placePattern = /(?<=^|[\s(@])((?:file:\/\/)?\/[^\s()]*?|[A-Za-z]:\\[^()]*?):(\d+):(\d+)/;

/** The name of a compiled module, as {@link compiledName} makes it. */
const compiledModule = /^[\w-]{24}\.mjs$/;

const maps = new Map<string, SourceMap | undefined>();

/**
 * A stack with the places of the author's own files in place of those in compiled modules. Only modules of our own cache are
 * looked into: a stack may be a peer's text.
 */
export function authorStack(stack: string): string {
	return stack
		.split('\n')
		.map((line) =>
			line.replace(placePattern, (text, file: string, row: string, column: string) => {
				const place = original(file, Number(row), Number(column));
				return place ? `${place.path}:${place.line}:${place.column}` : text;
			}),
		)
		.join('\n');
}

/** The same without the frames of this package and of the runtime below it; with them where there are no others. */
export function authorFrames(stack: string): string {
	const lines = authorStack(stack).split('\n');
	const isFrame = (line: string) => /^\s+at /.test(line);
	const own = lines.filter((line) => !isFrame(line) || readPlace(line) !== undefined);
	return own.some(isFrame) ? own.join('\n') : lines.join('\n');
}

/**
 * The first place in a stack that is the author's: in his own sources, or, where there is none, in a package.
 *
 * @returns undefined where the stack names none
 */
export function authorPlace(stack: string): AuthorPlace | undefined {
	const places = authorStack(stack)
		.split('\n')
		.map(readPlace)
		.filter((place) => place !== undefined);
	const place = places.find(({ path }) => !isPackageFile(path)) ?? places[0];
	if (!place) return undefined;
	const { path, line, column } = place;
	return { file: shownSource(path), line, column, frame: frameOfFile(path, line, column) };
}

/** A source as people name it: where a built plugin lies without its sources, as its author does, from the plugin's own folder on. */
function shownSource(path: string): string {
	if (existsSync(path)) return shownPath(path);
	let folder = dirname(path);
	while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
	return existsSync(join(folder, 'manifest.json')) ? relative(folder, path) : shownPath(path);
}

/** The author's own module that a compiled one was made of; the file itself where it is no compiled one. */
export function authorModule(file: string): string {
	if (!isCompiled(file)) return file;
	try {
		const { sources } = JSON.parse(readFileSync(`${file}.map`, 'utf8')) as SourceMapPayload;
		const own = sources.filter(
			(source) =>
				source.startsWith('file:') &&
				!source.endsWith('/orchestra-entry.mjs') &&
				!source.endsWith(`/${bundledPackages}`),
		);
		// The one that imports the others comes last.
		return fileURLToPath(own.at(-1) ?? '');
	} catch {
		return file;
	}
}

interface Place {
	readonly path: string;
	readonly line: number;
	readonly column: number;
}

function readPlace(text: string): Place | undefined {
	const found = placePattern.exec(text);
	if (!found) return undefined;
	const [, file = '', line, column] = found;
	const path = pathOf(file);
	// Our own code is never the author's, nor is a module whose source is not known.
	if (path === undefined || path.startsWith(`${toolchainRoot}${sep}dist`) || isCompiled(path))
		return undefined;
	return { path, line: Number(line), column: Number(column) };
}

function original(file: string, line: number, column: number): Place | undefined {
	const path = pathOf(file);
	const entry = path && mapOf(path)?.findEntry(line - 1, column - 1);
	if (!entry || !('originalSource' in entry) || !entry.originalSource?.startsWith('file:')) return undefined;
	// Code in a bundle that is not the author's: the bundle itself has a line for it, at least.
	if (entry.originalSource.endsWith(`/${bundledPackages}`)) return undefined;
	return {
		path: fileURLToPath(entry.originalSource),
		line: entry.originalLine + 1,
		column: entry.originalColumn + 1,
	};
}

function pathOf(file: string): string | undefined {
	if (!file.startsWith('file:')) return file;
	try {
		return fileURLToPath(file.replace(/\?.*$/, ''));
	} catch {
		return undefined;
	}
}

function mapOf(path: string): SourceMap | undefined {
	if (!isCompiled(path)) return undefined;
	if (!maps.has(path)) maps.set(path, readMap(path));
	return maps.get(path);
}

function readMap(path: string): SourceMap | undefined {
	try {
		return new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')) as SourceMapPayload);
	} catch {
		return undefined;
	}
}

/** Whether a file is a module that we compiled: in the cache, or beside it. */
function isCompiled(path: string): boolean {
	if (!compiledModule.test(basename(path))) return false;
	const folder = dirname(path);
	const cache = cacheDir();
	if (cache !== undefined && dirname(folder) === realPathOf(join(cache, 'modules'))) return true;
	return dirname(folder) === realPathOf(tmpdir()) && basename(folder).startsWith('orchestra-module-');
}
