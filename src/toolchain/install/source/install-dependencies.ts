import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PackageFile, readPackage } from './read-package.ts';
import { runTool } from './run-tool.ts';

/** Comes from the installation that builds, whatever a package asks for. */
const ownPackage = 'orchestra-toolchain';

/** Options of npm. */
interface DependencyOptions {
	readonly signal?: AbortSignal | undefined;
	readonly onStep?: ((text: string) => void) | undefined;
}

/**
 * Has npm install what the source of a plugin imports, without scripts, so that it can be bundled. Only in a folder that we fetched:
 * its package.json is reduced to the dependencies, and what could change npm's own settings is removed.
 */
export async function installSourceDependencies(root: string, options: DependencyOptions): Promise<void> {
	// It may name a program that npm runs, or a registry that the user did not choose.
	rmSync(join(root, '.npmrc'), { force: true });
	const found = readPackage(root);
	if (!found || existsSync(join(root, 'node_modules'))) return;
	await installReduced(root, found, ['--omit=peer'], options);
}

/**
 * The same for an MCP server, which runs from its own files: its package.json stays what it was, and no links are made. What npm would
 * note of registries is left out, since it is no part of the server.
 */
export async function installServerDependencies(root: string, options: DependencyOptions): Promise<void> {
	rmSync(join(root, '.npmrc'), { force: true });
	const found = readPackage(root);
	if (!found || existsSync(join(root, 'node_modules'))) return;
	const path = join(root, 'package.json');
	const text = readFileSync(path);
	await installReduced(root, found, ['--no-bin-links', '--no-package-lock'], options);
	writeFileSync(path, text);
	rmSync(join(root, 'node_modules/.package-lock.json'), { force: true });
}

async function installReduced(
	root: string,
	found: PackageFile,
	flags: readonly string[],
	options: DependencyOptions,
): Promise<void> {
	const { type, main, exports, imports, dependencies, optionalDependencies } = found.document;
	const wanted = { ...(dependencies as object | undefined) } as Record<string, unknown>;
	delete wanted[ownPackage];
	if (Object.keys(wanted).length === 0 && !optionalDependencies) return;
	options.onStep?.('Fetching what it imports with npm');
	const reduced = { name: 'plugin', version: '0.0.0', private: true, type, main, exports, imports };
	writeFileSync(
		join(root, 'package.json'),
		`${JSON.stringify({ ...reduced, dependencies: wanted, optionalDependencies }, null, 2)}\n`,
	);
	await runTool(
		'npm',
		['install', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', ...flags, '--loglevel=error'],
		{ cwd: root, signal: options.signal, what: `what ${found.name ?? 'the plugin'} imports` },
	);
}
