import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPackage } from './read-package.ts';
import { runTool } from './run-tool.ts';

/** Comes from the installation that builds, whatever a package asks for. */
const ownPackage = 'orchestra-toolchain';

/**
 * Has npm install what the source of a plugin imports, without scripts, so that it can be bundled. Only in a folder that we fetched:
 * its package.json is reduced to the dependencies, and what could change npm's own settings is removed.
 */
export async function installSourceDependencies(
	root: string,
	options: {
		readonly signal?: AbortSignal | undefined;
		readonly onStep?: ((text: string) => void) | undefined;
	},
): Promise<void> {
	// It may name a program that npm runs, or a registry that the user did not choose.
	rmSync(join(root, '.npmrc'), { force: true });
	const found = readPackage(root);
	if (!found || existsSync(join(root, 'node_modules'))) return;
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
		[
			'install',
			'--ignore-scripts',
			'--no-audit',
			'--no-fund',
			'--omit=dev',
			'--omit=peer',
			'--loglevel=error',
		],
		{ cwd: root, signal: options.signal, what: `what ${found.name ?? 'the plugin'} imports` },
	);
}
