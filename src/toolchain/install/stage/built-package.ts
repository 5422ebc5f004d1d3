import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, lstatSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bindingFileName } from '../../../runtime/carrier/quic/native/native-binding.ts';
import { makeFolders } from '../../../runtime/platform/make-folders.ts';
import { isObject } from '../../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { type InstalledManifest, readManifest } from '../manifest/installed-manifest.ts';

/** The manifest.json of a package that `orchestra build` wrote. */
export interface BuiltPackage {
	readonly document: Record<string, unknown>;
	/** The program, then the other files that it lists. */
	readonly files: readonly BuiltPackageFile[];
}

interface BuiltPackageFile {
	/** Relative, with `/`. */
	readonly name: string;
	readonly size: number;
	readonly sha256: string;
	readonly executable: boolean;
}

/** Files that a manifest may list. */
const maxFiles = 10_000;

/** A part of the path of one: what archives may hold as well. */
const namePart = /^[A-Za-z0-9_@.+ -]{1,200}$/;

const manifestName = 'manifest.json';

/** Bytes of a manifest.json. */
const maxManifestBytes = 16 * 1024 * 1024;

/**
 * The manifest.json that `orchestra build` wrote into a folder; undefined where there is none, or another program's file of that name.
 *
 * @throws OrchestraError `invalid_manifest`
 */
export function readBuiltManifest(root: string): BuiltPackage | undefined {
	const path = join(root, manifestName);
	const stats = lstatSync(path, { throwIfNoEntry: false });
	if (!stats?.isFile() || stats.size > maxManifestBytes) return undefined;
	let document: unknown;
	try {
		document = JSON.parse(readFileSync(path, 'utf8'));
	} catch {
		return undefined; // What others call manifest.json may be anything.
	}
	if (!isObject(document) || typeof document.toolchain !== 'string' || !isObject(document.file))
		return undefined;
	if (document.manifest_version !== 1) {
		throw invalid(
			`has version ${JSON.stringify(document.manifest_version)}, which this orchestra does not know`,
		);
	}
	const others = document.files ?? [];
	if (!Array.isArray(others) || others.length > maxFiles)
		throw invalid('has a list of files that cannot be read');
	return { document, files: [document.file, ...(others as unknown[])].map(readFile) };
}

function readFile(value: unknown): BuiltPackageFile {
	if (isObject(value)) {
		const { name, size, sha256, executable } = value;
		const plain = typeof name === 'string' && isPlainPath(name);
		const reserved = name === manifestName || name === bindingFileName;
		if (plain && !reserved && typeof size === 'number' && typeof sha256 === 'string')
			return { name, size, sha256, executable: executable === true };
	}
	throw invalid(`lists a file that cannot be: ${JSON.stringify(value)?.slice(0, 200)}`);
}

/** A path that stays below the folder, on any system, and hides nothing in it. */
function isPlainPath(path: string): boolean {
	const parts = path.split('/');
	return (
		path.length <= 400 &&
		/^[A-Za-z0-9_]/.test(path) &&
		parts.every((part) => namePart.test(part) && !/^\.{1,2}$|[. ]$/.test(part))
	);
}

/**
 * Copies the files of a built package, each as its manifest describes it, and nothing else of the folder. Nothing of it is run.
 *
 * @throws OrchestraError `invalid_manifest` where a file is missing or another one
 */
export function copyBuiltPackage(
	root: string,
	{ document, files }: BuiltPackage,
	tree: string,
): { readonly manifest: InstalledManifest; readonly kind: 'module'; readonly file: string } {
	const manifest = readManifest(document, 'the package');
	const program = files[0]?.name ?? '';
	if (!/\.m?js$/.test(program)) throw invalid(`names ${program} as its program, which is no module`);
	checkPlatform(manifest.id, document.platform);
	for (const { name, size, sha256, executable } of files) {
		const from = join(root, name);
		if (!isFile(from)) throw invalid(`lists ${name}, which is not there`);
		makeFolders(dirname(join(tree, name)));
		copyFileSync(from, join(tree, name));
		// The copy is judged, since it is what is installed.
		const content = readFileSync(join(tree, name));
		if (content.byteLength !== size || createHash('sha256').update(content).digest('hex') !== sha256) {
			throw invalid(`describes another ${name} than the one that lies beside it`);
		}
		chmodSync(join(tree, name), name === program || executable ? 0o755 : 0o644);
	}
	copyFileSync(join(root, manifestName), join(tree, manifestName));
	chmodSync(join(tree, manifestName), 0o644);
	return { manifest, kind: 'module', file: program };
}

function isFile(path: string): boolean {
	try {
		return lstatSync(path).isFile();
	} catch {
		return false; // Also where a folder of the path is a file.
	}
}

/** @throws OrchestraError `requirement_unmet` where what lies beside the program is for another platform than this */
function checkPlatform(id: string, platform: unknown): void {
	const here = `${process.platform}-${process.arch}`;
	if (typeof platform !== 'string' || platform === here) return;
	throw new OrchestraError(
		'requirement_unmet',
		`plugin ${id} was built for ${JSON.stringify(platform)}, with addons for it, and this is ${here}`,
		{ hint: 'Build it on such a machine, or install it from its source here.', details: { id, platform } },
	);
}

function invalid(why: string): OrchestraError {
	return new OrchestraError('invalid_manifest', `the manifest.json of the package ${why}`, {
		hint: 'Build it again: orchestra build --pack',
	});
}
