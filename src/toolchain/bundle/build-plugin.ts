import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { bindingFileName } from '../../runtime/carrier/quic/native/native-binding.ts';
import { makeFolders } from '../../runtime/platform/make-folders.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { type CompilerFault, formatFault } from '../compile/compiler-fault.ts';
import type { RuntimeName } from '../find-runtime.ts';
import { type BuiltFile, type BuiltPluginDescription, buildManifest, builtFile } from './build-manifest.ts';
import { type BundledCode, bundleCode } from './bundle-code.ts';
import { mapLine, type SourceMapKind, sourceRoot, withSourceRoot } from './bundle-source-map.ts';
import type { CarriedFile } from './carry/carried-files.ts';
import { carriedBefore, removeFiles } from './carry/stale-files.ts';
import { checkTypes } from './check-types.ts';
import { describeBundle } from './describe-bundle.ts';
import { OutputClaim } from './output-claim.ts';
import { outputFailure } from './output-failure.ts';
import { packPlugin } from './pack-plugin.ts';
import { findProject, type PluginProject } from './project.ts';
import { ptyFiles } from './pty-files.ts';
import { type OutputFile, publishFiles } from './publish-files.ts';
import { findQuicBinding, platformName } from './quic-binding.ts';
import { withScratchFolder } from './scratch-folder.ts';

/** Options of a build. */
export interface BuildPluginOptions {
	/** Folder of the output, made where it is missing. Default: `dist` in the plugin's folder. */
	readonly out?: string | undefined;
	/** Type-check first. */
	readonly check: boolean;
	/** Put QUIC's native binding for this platform beside the bundle, where this installation has one. */
	readonly quic: boolean;
	readonly minify: boolean;
	/** The only runtime that it has to run on. Default: Node and Deno. */
	readonly target?: RuntimeName | undefined;
	/**
	 * Kind of source map: by default one of the author's own files in the bundle itself, `file` a whole one beside
	 * it, with the text of every source, and `none`.
	 */
	readonly sourceMap?: SourceMapKind | undefined;
	/** Write `ID-VERSION.tgz` too: what `orchestra install` and npm take. Default false. */
	readonly pack?: boolean;
	/** The environment in which the bundle is tried. Default: this process's own. */
	readonly env?: Record<string, string> | undefined;
	/** The right to write into the folder, where it is held longer than for this build. Default: it is taken for the moment of writing. */
	readonly claim?: OutputClaim | undefined;
	/** Leave files alone that are there already, byte for byte. Default false. */
	readonly onlyChanged?: boolean;
	/** A file in which TypeScript keeps what it knows, for the next build. Default: it begins anew. */
	readonly typeMemory?: string | undefined;
	/** Called with each step of the work. */
	readonly onStep?: (text: string) => void;
}

/** Result of a build. */
export interface PluginBuild {
	readonly plugin: BuiltPluginDescription;
	/** Absolute. */
	readonly out: string;
	readonly files: readonly BuiltFile[];
	/** Whether types were checked: not with `check: false`, nor where there are none. */
	readonly checked: boolean;
	/** Whether QUIC's native binding is beside the bundle. */
	readonly quic: boolean;
	/** Packages with a native part that lie beside the bundle as they are installed. */
	readonly nativePackages: readonly string[];
	/** The platform that files beside the bundle are for; undefined where they are for all. */
	readonly platform: string | undefined;
	/** Warnings of the bundler, as `file:line:column: text`. */
	readonly warnings: readonly string[];
	/** Number of files that were written: with `onlyChanged` perhaps none. */
	readonly written: number;
	/** Everything on disk that the bundle depends on, present or not. */
	readonly paths: readonly string[];
}

/**
 * Makes one module of a plugin that runs by itself, as a process and embedded, and a manifest beside it. Where anything fails,
 * what an earlier build wrote stays.
 *
 * @param path the folder of the plugin, or its module
 * @throws OrchestraError `target_not_found`, `not_a_plugin`, `build_failed`, `plugin_load_failed`, `invalid_plugin`, …; `usage`
 * where the output cannot be written
 */
export async function buildPlugin(path: string, options: BuildPluginOptions): Promise<PluginBuild> {
	const project = findProject(path);
	const out = outputFolder(project, options.out);
	options.onStep?.('Checking types and bundling');
	const [checked, bundle] = await bothOf(
		options.check ? checkTypes(project, { memory: options.typeMemory }) : Promise.resolve(false),
		bundleCode(project, { ...options, out }),
	);
	options.onStep?.('Trying the bundle');
	const plugin = await tryBundle(project, bundle, options);

	const name = `${plugin.id}.mjs`;
	const { sourceMap = 'own' } = options;
	const root = sourceRoot(out, project.dir);
	const code = bundle.code + mapLine(bundle.map, sourceMap, name, root);
	const binding = options.quic ? readQuicBinding() : undefined;
	const file = builtFile(name, Buffer.from(code));
	const carried = bundle.carried.map((one) => ({ ...one, name: `${plugin.id}.files/${one.name}` }));
	const platform = carried.some(isForPlatform) ? platformName : undefined;
	const quic = binding && { ...builtFile(bindingFileName, binding), platform: platformName };
	const packedCode = bundle.code + mapLine(bundle.map, sourceMap === 'none' ? 'none' : 'own', name, '');
	const maps =
		sourceMap === 'file' ? [{ name: `${name}.map`, content: withSourceRoot(bundle.map, root) }] : [];
	const packed = options.pack
		? [await packPlugin(project.dir, plugin, Buffer.from(packedCode), { carried, platform })]
		: [];
	// The manifest is last: it stands for a build that is complete.
	const files: OutputFile[] = [
		{ name, content: code, executable: true },
		...maps,
		...(binding ? [{ name: bindingFileName, content: binding }] : []),
		...ptyFiles(bundle.inputs),
		...packed,
		...carried,
	];
	files.push({
		name: 'manifest.json',
		content: buildManifest(plugin, file, {
			...(quic ? { quic } : {}),
			...(platform === undefined ? {} : { platform }),
			files: [
				...maps.map((map) => builtFile(map.name, Buffer.from(map.content))),
				...carried.map((one) => builtFile(one.name, one.content, one.executable)),
			],
		}),
	});
	assertNoSource(out, files, bundle.inputs);
	const before = carriedBefore(out, plugin.id);
	const written = await publish(project, out, files, options);
	removeFiles(
		out,
		before.filter((one) => !files.some((each) => each.name === one)),
	);
	return {
		plugin,
		out,
		nativePackages: bundle.nativePackages,
		platform,
		files: files.map(({ name, content }) => builtFile(name, Buffer.from(content))),
		checked,
		quic: binding !== undefined,
		warnings: bundle.warnings.map((warning: CompilerFault) => formatFault(warning)),
		written,
		paths: bundle.paths,
	};
}

/** The folder that a plugin is built into; absolute. */
export function outputFolder(project: PluginProject, out: string | undefined): string {
	return resolve(out ?? join(project.dir, 'dist'));
}

async function publish(
	project: PluginProject,
	out: string,
	files: readonly OutputFile[],
	{ claim, onlyChanged }: BuildPluginOptions,
): Promise<number> {
	if (!existsSync(project.entry)) {
		// Its folder, with the output in it, would be made anew.
		throw new OrchestraError('target_not_found', `${project.entry} was removed while it was being built`);
	}
	using own = claim ? undefined : new OutputClaim(out);
	await (claim ?? own)?.take();
	return publishFiles(out, files, onlyChanged);
}

/** Both results. Where both fail, the second one's error: the same faults always read the same. */
async function bothOf<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
	const [a, b] = await Promise.allSettled([first, second]);
	if (b.status === 'rejected') throw b.reason;
	if (a.status === 'rejected') throw a.reason;
	return [a.value, b.value];
}

/** Runs the bundle where it will run: in a folder with no node_modules around it. */
function tryBundle(
	project: PluginProject,
	{ code, carried }: BundledCode,
	{ env, target }: BuildPluginOptions,
): Promise<BuiltPluginDescription> {
	return withScratchFolder((folder) => {
		const bundle = join(folder, 'plugin.mjs');
		try {
			writeFileSync(bundle, code);
			for (const { name, content, executable } of carried) {
				const path = join(folder, 'plugin.files', name);
				makeFolders(dirname(path));
				writeFileSync(path, content, { mode: executable ? 0o755 : 0o644 });
			}
		} catch (error) {
			throw outputFailure(folder, error);
		}
		return describeBundle(project, bundle, { env, target });
	});
}

/** Addons are for one platform, but for those that a package has for all. */
function isForPlatform({ name }: CarriedFile): boolean {
	return name.endsWith('.node') && !name.includes('/prebuilds/');
}

function readQuicBinding(): Buffer | undefined {
	const path = findQuicBinding();
	return path === undefined ? undefined : readFileSync(path);
}

/** A plugin in my.id.mjs that is built into its own folder would be written over. */
function assertNoSource(out: string, files: readonly OutputFile[], inputs: readonly string[]): void {
	const overwritten = files.find(({ name }) => inputs.includes(join(out, name)));
	if (!overwritten) return;
	throw new OrchestraError(
		'usage',
		`the build would overwrite its own source ${join(out, overwritten.name)}`,
		{
			hint: 'Choose another folder with --out.',
		},
	);
}
