import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { type ArchiveFile, packArchive } from '../install/archive/pack-archive.ts';
import { assertRange } from '../install/manifest/check-requirements.ts';
import { readPackage } from '../install/source/read-package.ts';
import { type BuiltPluginDescription, buildManifest, builtFile } from './build-manifest.ts';
import type { CarriedFile } from './carry/carried-files.ts';
import type { OutputFile } from './publish-files.ts';

/** Files for people that are packed where the project has them. */
const readme = /^readme(\.(md|txt))?$/i;
const licence = /^(licen[sc]e|copying)(\.(md|txt))?$/i;

/** Bytes of one of them. */
const maxTextBytes = 1024 * 1024;

/** Pattern of npm for the name of a package. */
const packageName = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/**
 * Packs a built plugin as an npm package: its program, manifest.json with the SHA-256 of every other file, package.json, README,
 * licence, and what it reads when it runs. QUIC's native part is not in it: who installs it has one for the platform. The same sources give the same bytes.
 *
 * @returns the archive, named `ID-VERSION.tgz`
 * @throws OrchestraError `invalid_plugin` where there is no version that npm could take; `invalid_manifest`
 */
export async function packPlugin(
	projectDir: string,
	plugin: BuiltPluginDescription,
	code: Uint8Array,
	{ carried, platform }: { readonly carried: readonly CarriedFile[]; readonly platform: string | undefined },
): Promise<OutputFile> {
	if (plugin.requires?.runtime) await assertRange(plugin.id, plugin.requires.runtime);
	const project = readPackage(projectDir);
	const version = await packedVersion(plugin, project?.version);
	const program = `${plugin.id}.mjs`;
	const text = (pattern: RegExp): ArchiveFile[] => textFile(projectDir, pattern);
	const packageJson = {
		name: project?.name !== undefined && packageName.test(project.name) ? project.name : nameOf(plugin.id),
		version,
		...(plugin.description ? { description: plugin.description } : {}),
		...(plugin.author ? { author: plugin.author } : {}),
		...(typeof project?.document.license === 'string' ? { license: project.document.license } : {}),
		type: 'module',
		main: program,
		bin: { [plugin.id]: program },
		engines: { node: '>=20.19' },
	};
	const others: ArchiveFile[] = [
		{ path: 'package.json', content: Buffer.from(`${JSON.stringify(packageJson, null, 2)}\n`) },
		...text(readme),
		...text(licence),
		...carried.map(({ name, ...file }) => ({ path: name, ...file })),
	];
	const manifest = buildManifest(plugin, builtFile(program, code), {
		...(platform === undefined ? {} : { platform }),
		files: others.map(({ path, content, executable }) => builtFile(path, content, executable)),
	});
	const files: ArchiveFile[] = [
		{ path: program, content: code, executable: true },
		{ path: 'manifest.json', content: Buffer.from(manifest) },
		...others,
	];
	const content = await packArchive(files.map((file) => ({ ...file, path: `package/${file.path}` })));
	return { name: `${plugin.id}-${version}.tgz`, content };
}

async function packedVersion(
	plugin: BuiltPluginDescription,
	packageVersion: string | undefined,
): Promise<string> {
	const { valid } = (await import('semver')).default;
	const version = plugin.version || packageVersion || '';
	const found = valid(version);
	if (found !== null) return found;
	const why =
		version === ''
			? 'has no version'
			: `has the version ${JSON.stringify(version)}, which is no semantic one`;
	throw new OrchestraError('invalid_plugin', `plugin ${plugin.id} cannot be packed: it ${why}`, {
		hint: "Give it one: createPlugin('my.id').version('1.0.0')",
		details: { id: plugin.id },
	});
}

function nameOf(id: string): string {
	return id.toLowerCase().replace(/^[._]+/, '');
}

/** The file that a pattern finds, the first by name, under the name that it has. */
function textFile(dir: string, pattern: RegExp): ArchiveFile[] {
	const [name] = readdirSync(dir)
		.filter((other) => pattern.test(other))
		.filter((other) => {
			const stats = statSync(join(dir, other));
			return stats.isFile() && stats.size <= maxTextBytes;
		})
		.sort();
	return name === undefined ? [] : [{ path: name, content: readFileSync(join(dir, name)) }];
}
