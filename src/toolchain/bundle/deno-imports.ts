import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Loader, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { isPackageFile, readText } from '../compile/package-files.ts';
import { findDeno } from '../find-deno.ts';
import { parseJsonWithComments } from '../json-with-comments.ts';
import { findPackage } from './carry/native-package.ts';
import type { PluginProject } from './project.ts';
import { runProgram } from './run-program.ts';

/** Milliseconds in which Deno fetches the modules of a plugin. */
const fetchTimeoutMs = 60_000;

/** A module as `deno info --json` describes it. */
interface FetchedModule {
	readonly specifier: string;
	/** Path at which Deno keeps it. */
	readonly local?: string;
	readonly mediaType?: string;
	readonly error?: string;
}

interface ModuleGraph {
	readonly modules?: readonly FetchedModule[];
	readonly redirects?: Readonly<Record<string, string>>;
}

const loaders: Readonly<Record<string, Loader>> = {
	TypeScript: 'ts',
	Mts: 'ts',
	TSX: 'tsx',
	JSX: 'jsx',
	Json: 'json',
};

/**
 * Takes in what only Deno knows how to import: the names of a deno.json's import map, `npm:` packages that are installed, and `jsr:` and
 * `https:` modules, which Deno fetches.
 */
export function denoImports(project: PluginProject): Plugin {
	return {
		name: 'deno-imports',
		setup(build) {
			const map = importMap(project.dir);
			const remote = new RemoteModules(project.dir);
			const resolveRemote = async (specifier: string): Promise<OnResolveResult> => {
				const installed = installedFromJsr(specifier, project.dir);
				if (installed !== undefined) return resolveInstalled(build, installed, project.dir);
				try {
					const found = await remote.find(specifier);
					return { path: found.specifier, namespace: 'remote', pluginData: found };
				} catch (error) {
					return fault(`${specifier} cannot be taken into the bundle: ${(error as Error).message}`);
				}
			};
			build.onResolve({ filter: /^[^./]/, namespace: 'file' }, async (args) => {
				if (args.pluginData === 'deno' || args.pluginData === 'carry') return undefined;
				if (isPackageFile(args.importer)) return undefined;
				const mapped = mappedName(map, args.path);
				const name = mapped ?? args.path;
				if (name.startsWith('npm:')) return resolveNpm(build, name, project.dir);
				if (/^(jsr:|https?:)/.test(name)) return resolveRemote(name);
				if (mapped === undefined) return undefined;
				const path = /^\.{0,2}\//.test(mapped) ? resolve(map.folder, mapped) : mapped;
				return build.resolve(path, {
					kind: args.kind,
					resolveDir: map.folder,
					importer: args.importer,
					pluginData: 'deno',
				});
			});
			build.onResolve({ filter: /.*/, namespace: 'remote' }, ({ path, importer }) => {
				if (path.startsWith('npm:')) return resolveNpm(build, path, project.dir);
				if (path.startsWith('jsr:')) return resolveRemote(path);
				if (/^(https?:|\.{0,2}\/)/.test(path)) return resolveRemote(new URL(path, importer).href);
				return undefined;
			});
			build.onLoad({ filter: /.*/, namespace: 'remote' }, ({ pluginData }) => {
				const { local = '', mediaType = '' } = pluginData as FetchedModule;
				return { contents: readFileSync(local), loader: loaders[mediaType] ?? 'js', resolveDir: project.dir };
			});
		},
	};
}

interface ImportMap {
	readonly folder: string;
	readonly imports: Readonly<Record<string, string>>;
}

/** The `imports` of the project's deno.json, or of the file that it names. */
function importMap(dir: string): ImportMap {
	const none = { folder: dir, imports: {} };
	const file = ['deno.json', 'deno.jsonc'].map((name) => join(dir, name)).find((path) => existsSync(path));
	if (file === undefined) return none;
	try {
		const document = parseJsonWithComments(readText(file)) as {
			imports?: ImportMap['imports'];
			importMap?: string;
		};
		if (document.imports) return { folder: dir, imports: document.imports };
		if (document.importMap === undefined) return none;
		const other = resolve(dir, document.importMap);
		const { imports = {} } = JSON.parse(readText(other)) as Partial<ImportMap>;
		return { folder: dirname(other), imports };
	} catch {
		return none; // Deno itself says what is wrong with it, when it checks the types.
	}
}

/** Entry of an import map for a name: the whole of it, or the longest beginning that ends in a slash. */
function mappedName({ imports }: ImportMap, name: string): string | undefined {
	if (Object.hasOwn(imports, name)) return imports[name];
	const [prefix] = Object.keys(imports)
		.filter((key) => key.endsWith('/') && name.startsWith(key))
		.sort((a, b) => b.length - a.length);
	if (prefix !== undefined) return `${imports[prefix]}${name.slice(prefix.length)}`;
	// `npm:zod@4` of "zod" stands for its parts too, as Deno has it.
	const [key] = Object.keys(imports).filter(
		(one) => name.startsWith(`${one}/`) && /^(npm|jsr):/.test(imports[one] ?? ''),
	);
	return key === undefined ? undefined : `${imports[key]}${name.slice(key.length)}`;
}

/** The parts of `npm:@scope/name@range/path`, and of the same with `jsr:`. */
function partsOf(specifier: string) {
	const found = /^(?:npm|jsr):\/?((?:@[^/@]+\/)?[^/@]+)(?:@([^/]+))?(\/.*)?$/.exec(specifier);
	return found && { name: found[1] ?? '', range: found[2] ?? '', path: found[3] ?? '' };
}

async function resolveNpm(build: PluginBuild, specifier: string, dir: string): Promise<OnResolveResult> {
	const parts = partsOf(specifier);
	if (!parts) return fault(`${specifier} names no package`);
	const { name, range, path } = parts;
	const folder = findPackage(name, dir);
	if (folder === undefined) {
		return fault(
			`${specifier} is not installed: run npm install ${name}${range && `@${range}`}, or deno install with "nodeModulesDir": "auto" in deno.json`,
		);
	}
	const { version = '' } = JSON.parse(readText(join(folder, 'package.json'))) as { version?: string };
	const { satisfies, validRange } = (await import('semver')).default;
	if (range !== '' && validRange(range) !== null && !satisfies(version, range, { includePrerelease: true })) {
		return fault(
			`${specifier} asks for another version than the ${version} that is installed in node_modules`,
		);
	}
	return resolveInstalled(build, `${name}${path}`, dir);
}

/** The name under which a `jsr:` package lies in node_modules: as `npx jsr add` or a registry's npm name has it. */
function installedFromJsr(specifier: string, dir: string): string | undefined {
	if (!specifier.startsWith('jsr:')) return undefined;
	const parts = partsOf(specifier);
	if (!parts) return undefined;
	const names = [parts.name, `@jsr/${parts.name.slice(1).replace('/', '__')}`];
	const found = names.find((name) => findPackage(name, dir) !== undefined);
	return found === undefined ? undefined : `${found}${parts.path}`;
}

function resolveInstalled(build: PluginBuild, name: string, dir: string): Promise<OnResolveResult> {
	return build.resolve(name, {
		kind: 'import-statement',
		resolveDir: dir,
		importer: join(dir, 'x.js'),
		namespace: 'file',
		pluginData: 'deno',
	});
}

/** Modules that Deno has fetched, and how it found them. */
class RemoteModules {
	readonly #dir: string;
	readonly #modules = new Map<string, FetchedModule>();
	readonly #redirects = new Map<string, string>();
	readonly #fetched = new Map<string, Promise<void>>();

	/** @param dir of the project, whose deno.json and lock file apply */
	constructor(dir: string) {
		this.#dir = dir;
	}

	/** A module, which is fetched with all that it imports where it is not known yet. @throws Error that says why it is not there */
	async find(specifier: string): Promise<FetchedModule & { readonly local: string }> {
		if (!this.#known(specifier)) {
			const fetching = this.#fetched.get(specifier) ?? this.#fetch(specifier);
			this.#fetched.set(specifier, fetching);
			await fetching;
		}
		const found = this.#known(specifier);
		if (found?.local === undefined) throw new Error(found?.error ?? 'Deno knows nothing of it');
		return { ...found, local: found.local };
	}

	#known(specifier: string): FetchedModule | undefined {
		return this.#modules.get(this.#redirects.get(specifier) ?? specifier);
	}

	async #fetch(specifier: string): Promise<void> {
		const deno = findDeno(this.#dir);
		if (deno === undefined) {
			throw new Error(
				'only Deno fetches it, and there is no deno in PATH. npx jsr add installs a jsr: package in node_modules',
			);
		}
		const args = ['info', '--json', specifier];
		const env = { ...process.env, NO_COLOR: '1' };
		const { ok, output, exit } = await runProgram(deno, args, fetchTimeoutMs, { cwd: this.#dir, env });
		const begin = output.indexOf('{');
		if (!ok || begin < 0) throw new Error(output.trim().split('\n').at(-1) || `deno info ended with ${exit}`);
		const graph = JSON.parse(output.slice(begin, output.lastIndexOf('}') + 1)) as ModuleGraph;
		for (const module of graph.modules ?? []) this.#modules.set(module.specifier, module);
		for (const [from, to] of Object.entries(graph.redirects ?? {})) this.#redirects.set(from, to);
	}
}

function fault(text: string): OnResolveResult {
	return { errors: [{ text }] };
}
