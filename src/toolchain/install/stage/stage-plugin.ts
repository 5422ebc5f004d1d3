import { chmodSync, copyFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bindingFileName } from '../../../runtime/carrier/quic/native/native-binding.ts';
import { buildPlugin } from '../../bundle/build-plugin.ts';
import { findQuicBinding } from '../../bundle/quic-binding.ts';
import { extractArchive } from '../archive/extract-archive.ts';
import { extractZip } from '../archive/extract-zip.ts';
import { checkRequirements } from '../manifest/check-requirements.ts';
import { executableManifest } from '../manifest/executable-manifest.ts';
import { type InstalledManifest, readManifest } from '../manifest/installed-manifest.ts';
import { minimalEnvironment } from '../manifest/minimal-environment.ts';
import type { ServerSetting } from '../mcp/installed-server.ts';
import { npmServerProgram } from '../mcp/npm-server.ts';
import { stageBundle, stageNpmServer } from '../mcp/stage-server.ts';
import { fetchGit } from '../source/fetch-git.ts';
import { fetchNpm } from '../source/fetch-npm.ts';
import { type FetchedTree, type FetchOptions, packageRoot } from '../source/fetched.ts';
import { installSourceDependencies } from '../source/install-dependencies.ts';
import { bundleName, formatSource, type InstallSource } from '../source/install-source.ts';
import { readPackage } from '../source/read-package.ts';
import { digestFiles, type FileDigest, type FileDigests, treeDigest } from '../store/tree-digest.ts';
import { copyBuiltPackage, readBuiltManifest } from './built-package.ts';

/** A plugin that is ready to be installed: its files lie in the staging folder's `tree`. */
export interface StagedPlugin {
	readonly manifest: InstalledManifest;
	/** The plugin's own version, else its package's; empty where neither says. */
	readonly version: string;
	readonly kind: 'module' | 'executable' | 'mcp';
	/** File to run, relative to the tree. */
	readonly file: string;
	readonly files: FileDigests;
	/** Digest of the files, without those of this platform. */
	readonly sha256: string;
	/** The source as exactly as it can be said. */
	readonly resolved: string;
	/** Settings that an MCP server reads from the environment. */
	readonly settings?: readonly ServerSetting[];
	/** Further fact to know, as a sentence. */
	readonly notice?: string;
}

/** Facts that the parts of staging find out. */
type Staged = Pick<StagedPlugin, 'manifest' | 'kind' | 'file' | 'settings' | 'notice'>;

/**
 * Fetches a plugin and makes of it what is installed: one program with all that it needs, and its manifest. Nothing outside of the
 * staging folder changes.
 *
 * @throws OrchestraError `fetch_failed`, `archive_refused`, `not_a_plugin`, `build_failed`, `invalid_manifest`, `requirement_unmet`,
 * `no_space`, `cancelled`, …
 */
export async function stagePlugin(source: InstallSource, options: FetchOptions): Promise<StagedPlugin> {
	const { tree } = options.staging;
	const fetched = await fetch(source, options);
	const staged =
		source.kind === 'executable'
			? await stageExecutable(source.path, options)
			: await stageTree(fetched.root, source, options);
	await checkRequirements(staged.manifest.id, staged.manifest.requires);
	if (staged.kind === 'module') addQuicBinding(tree);
	const files: Record<string, FileDigest> = digestFiles(tree);
	const binding = files[bindingFileName];
	if (binding && staged.kind === 'module') files[bindingFileName] = { ...binding, platform: true };
	return {
		...staged,
		version: staged.manifest.version || fetched.version || '',
		files,
		sha256: treeDigest(files),
		resolved: fetched.resolved,
	};
}

async function fetch(source: InstallSource, options: FetchOptions): Promise<FetchedTree> {
	if (source.kind === 'npm') return fetchNpm(source.spec, options);
	if (source.kind === 'git') return fetchGit(source, options);
	const resolved = formatSource(source);
	if (source.kind !== 'archive') return { root: source.path, resolved, version: undefined };
	options.onStep?.('Checking the archive');
	const { signal } = options;
	if (isBundle(source)) {
		await extractZip(source.path, options.staging.fetched, { signal });
		return { root: options.staging.fetched, resolved, version: undefined };
	}
	await extractArchive(source.path, options.staging.fetched, { signal });
	const root = packageRoot(options.staging.fetched);
	return { root, resolved, version: readPackage(root)?.version };
}

async function stageTree(root: string, source: InstallSource, options: FetchOptions): Promise<Staged> {
	const { staging, onStep } = options;
	if (isBundle(source)) return stageBundle(root, options);
	// A source may be a module by itself.
	const built = statSync(root).isDirectory() ? readBuiltManifest(root) : undefined;
	if (built) return copyBuiltPackage(root, built, staging.tree);
	const program = source.kind === 'archive' ? onlyProgram(root) : undefined;
	if (program !== undefined) return stageExecutable(program, options);
	const foreign = source.kind !== 'folder';
	const found = foreign ? readPackage(root) : undefined;
	const server = found && npmServerProgram(root, found);
	if (found && server !== undefined) return stageNpmServer(root, server, found, options);
	if (foreign) await installSourceDependencies(root, options);
	const { plugin } = await buildPlugin(root, {
		out: staging.tree,
		check: false,
		quic: false,
		minify: false,
		// To read its manifest the bundle is run once. A stranger's sees nothing of the user's environment.
		env: foreign ? minimalEnvironment(staging.scratch) : undefined,
		...(onStep ? { onStep } : {}),
	});
	return { manifest: readManifest(plugin, plugin.id), kind: 'module', file: `${plugin.id}.mjs` };
}

/** Whether a source is an MCP bundle. */
function isBundle(source: InstallSource): boolean {
	return source.kind === 'archive' && bundleName.test(source.path);
}

async function stageExecutable(path: string, options: FetchOptions): Promise<Staged> {
	const { staging, signal, onStep } = options;
	const file = basename(path);
	const copy = join(staging.tree, file);
	copyFileSync(path, copy);
	chmodSync(copy, 0o755);
	onStep?.('Asking it for its manifest');
	// The copy is asked: what is recorded is what was run.
	const manifest = await executableManifest(copy, staging.scratch, { signal });
	return { manifest, kind: 'executable', file };
}

/** The program in an archive that holds no package: the only executable file at its top. */
function onlyProgram(root: string): string | undefined {
	const names = readdirSync(root);
	if (names.includes('package.json')) return undefined;
	const programs = names
		.map((name) => join(root, name))
		.filter((path) => {
			const stats = statSync(path);
			return stats.isFile() && (stats.mode & 0o100) !== 0;
		});
	return programs.length === 1 ? programs[0] : undefined;
}

/** This installation's, so that the plugin speaks QUIC also where another host starts it: the Go side knows nothing else. */
function addQuicBinding(tree: string): void {
	const binding = findQuicBinding();
	if (binding !== undefined) copyFileSync(binding, join(tree, bindingFileName));
}
