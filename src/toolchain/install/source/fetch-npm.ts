import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { extractArchive } from '../archive/extract-archive.ts';
import { type FetchedTree, type FetchOptions, packageRoot } from './fetched.ts';
import { readPackage } from './read-package.ts';
import { runTool } from './run-tool.ts';

/** Has npm bring a package, without its dependencies, and unpacks it ourselves. No script of it runs. */
export async function fetchNpm(spec: string, options: FetchOptions): Promise<FetchedTree> {
	const { staging, cwd, signal, onStep } = options;
	onStep?.(`Fetching ${spec} with npm`);
	const archives = join(staging.scratch, 'npm');
	mkdirSync(archives);
	await runTool('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', archives, '--', spec], {
		cwd,
		signal,
		what: `the package ${spec}`,
	});
	const [archive, ...more] = readdirSync(archives);
	if (archive === undefined || more.length > 0) {
		throw new OrchestraError(
			'fetch_failed',
			`npm brought ${more.length + (archive ? 1 : 0)} archives for ${spec}`,
			{
				hint: 'Name one package.',
			},
		);
	}
	onStep?.('Checking the archive');
	await extractArchive(join(archives, archive), staging.fetched, { signal });
	const root = packageRoot(staging.fetched);
	const { name, version } = readPackage(root) ?? {};
	const exact = name !== undefined && version !== undefined && !/^https?:/i.test(spec);
	return { root, resolved: exact ? `npm:${name}@${version}` : spec, version };
}
