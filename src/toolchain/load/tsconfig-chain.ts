import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { withoutMark } from '../compile/package-files.ts';
import { parseJsonWithComments } from '../json-with-comments.ts';

/** Fields of a tsconfig.json that tell where an import leads. */
interface Tsconfig {
	readonly extends?: string | string[];
	readonly compilerOptions?: { readonly baseUrl?: string; readonly paths?: Record<string, string[]> };
}

/**
 * Adds what a tsconfig.json extends, however far it goes, to a set of files; files that are absent too, where their being there
 * would count.
 *
 * @returns folders and patterns that its aliases lead to
 */
export function followTsconfig(file: string, files: Set<string>): AliasRoot[] {
	const config = read(file);
	if (!config) return [];
	const folder = dirname(file);
	const { baseUrl, paths = {} } = config.compilerOptions ?? {};
	const roots: AliasRoot[] = [];
	if (typeof baseUrl === 'string') roots.push({ alias: '*', target: join(resolve(folder, baseUrl), '*') });
	for (const [alias, targets] of Object.entries(paths)) {
		for (const target of Array.isArray(targets) ? targets : []) {
			roots.push({ alias, target: resolve(folder, baseUrl ?? '.', target) });
		}
	}
	for (const name of [config.extends ?? []].flat()) {
		for (const candidate of extendedFiles(folder, name)) {
			if (files.has(candidate)) continue;
			files.add(candidate);
			if (candidate.endsWith('.json')) roots.push(...followTsconfig(candidate, files));
		}
	}
	return roots;
}

/** A rule of `paths`, or the one that `baseUrl` amounts to. Each holds one `*` at most. */
export interface AliasRoot {
	readonly alias: string;
	/** Absolute. */
	readonly target: string;
}

/** Path to which a rule sends an import; undefined where it does not apply. */
export function aliased({ alias, target }: AliasRoot, specifier: string): string | undefined {
	const [head = '', tail] = alias.split('*', 2);
	if (tail === undefined) return specifier === alias ? target : undefined;
	if (specifier.length < head.length + tail.length) return undefined;
	if (!specifier.startsWith(head) || !specifier.endsWith(tail)) return undefined;
	return target.replace('*', () => specifier.slice(head.length, specifier.length - tail.length));
}

function read(file: string): Tsconfig | undefined {
	try {
		return parseJsonWithComments(withoutMark(readFileSync(file, 'utf8'))) as Tsconfig;
	} catch {
		return undefined; // Absent, or wrong: the compiler says so.
	}
}

function extendedFiles(folder: string, name: string): string[] {
	if (/^\.{1,2}(\/|$)/.test(name) || isAbsolute(name)) {
		const path = resolve(folder, name);
		return [path, `${path}.json`];
	}
	const found: string[] = [];
	for (let up = folder; ; up = dirname(up)) {
		const path = join(up, 'node_modules', name);
		found.push(path, `${path}.json`, join(path, 'tsconfig.json'), join(path, 'package.json'));
		const there = [path, `${path}.json`].some((file) => statSync(file, { throwIfNoEntry: false }));
		if (there || up === dirname(up)) return found;
	}
}
