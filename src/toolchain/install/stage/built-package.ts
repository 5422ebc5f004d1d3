import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bindingFileName } from '../../../runtime/carrier/quic/native/native-binding.ts';
import { isObject } from '../../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { type InstalledManifest, readManifest } from '../manifest/installed-manifest.ts';

/** The manifest.json of a package that `orchestra build` wrote. */
export interface BuiltPackage {
	readonly document: Record<string, unknown>;
	/** The program, then the other files that it lists. */
	readonly files: readonly { readonly name: string; readonly size: number; readonly sha256: string }[];
}

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
	if (!Array.isArray(others) || others.length > 100) throw invalid('has a list of files that cannot be read');
	return { document, files: [document.file, ...(others as unknown[])].map(readFile) };
}

function readFile(value: unknown): BuiltPackage['files'][number] {
	if (isObject(value)) {
		const { name, size, sha256 } = value;
		const plain = typeof name === 'string' && /^[A-Za-z0-9_][A-Za-z0-9._@-]{0,199}$/.test(name);
		const reserved = name === manifestName || name === bindingFileName;
		if (plain && !reserved && typeof size === 'number' && typeof sha256 === 'string')
			return { name, size, sha256 };
	}
	throw invalid(`lists a file that cannot be: ${JSON.stringify(value)?.slice(0, 200)}`);
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
	for (const { name, size, sha256 } of files) {
		const from = join(root, name);
		if (!lstatSync(from, { throwIfNoEntry: false })?.isFile())
			throw invalid(`lists ${name}, which is not there`);
		copyFileSync(from, join(tree, name));
		// The copy is judged, since it is what is installed.
		const content = readFileSync(join(tree, name));
		if (content.byteLength !== size || createHash('sha256').update(content).digest('hex') !== sha256) {
			throw invalid(`describes another ${name} than the one that lies beside it`);
		}
		chmodSync(join(tree, name), name === program ? 0o755 : 0o644);
	}
	copyFileSync(join(root, manifestName), join(tree, manifestName));
	chmodSync(join(tree, manifestName), 0o644);
	return { manifest, kind: 'module', file: program };
}

function invalid(why: string): OrchestraError {
	return new OrchestraError('invalid_manifest', `the manifest.json of the package ${why}`, {
		hint: 'Build it again: orchestra build --pack',
	});
}
