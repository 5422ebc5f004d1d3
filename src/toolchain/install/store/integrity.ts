import { isObject } from '../../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { replaceFile } from '../../replace-file.ts';
import type { InstalledManifest } from '../manifest/installed-manifest.ts';
import { fileFailure } from './file-failure.ts';
import type { PluginStore } from './plugin-store.ts';
import { readDocument } from './read-document.ts';
import type { FileDigests } from './tree-digest.ts';

/** A version of a plugin that we installed, and what its files have to be. */
export interface InstallRecord {
	readonly id: string;
	readonly version: string;
	/** An MCP server has a file that says how it is started. */
	readonly kind: 'module' | 'executable' | 'mcp';
	/** File to run: relative to the folder of the version. */
	readonly file: string;
	/** Source that the user asked for, so that `update` can ask again. */
	readonly source: string;
	/** Exact source that it meant then. */
	readonly resolved: string;
	/** Digest of all files but those of this platform: a lock file names it. Lower-case hex. */
	readonly sha256: string;
	readonly files: FileDigests;
	readonly installedAt: string;
	/** The version of orchestra-toolchain that installed it. */
	readonly toolchain: string;
	readonly manifest: InstalledManifest;
	/** The folders of projects whose lock file named it: it stays for as long as one does. */
	readonly projects: readonly string[];
}

/** Contents of integrity.json. */
interface IntegrityDocument {
	/** It grows when an older reader would misunderstand the file. */
	readonly version: 1;
	/** By the name of the folder in `bin/`. */
	readonly installs: Record<string, InstallRecord>;
}

/**
 * The records of what we installed, by folder.
 *
 * @throws OrchestraError `registry_unusable`
 */
export function readIntegrity(store: PluginStore): Map<string, InstallRecord> {
	const found = readDocument(store.integrityFile, 'the hashes of installed plugins');
	if (!found) return new Map();
	const { version, installs } = found.value;
	const wrong = (why: string) =>
		new OrchestraError('registry_unusable', `the hashes of installed plugins ${store.integrityFile} ${why}`, {
			hint: 'Use the newest orchestra; or move the file away and install the plugins again.',
			details: { path: store.integrityFile },
		});
	if (version !== 1)
		throw wrong(`have version ${JSON.stringify(version)}, which this orchestra does not know`);
	if (!isObject(installs)) throw wrong('are damaged');
	const records = new Map<string, InstallRecord>();
	for (const [folder, record] of Object.entries(installs)) {
		if (!isRecord(record)) throw wrong(`are damaged at ${JSON.stringify(folder)}`);
		records.set(folder, record);
	}
	return records;
}

function isRecord(value: unknown): value is InstallRecord {
	if (!isObject(value)) return false;
	const { id, file, kind, sha256, files, projects, manifest, source, resolved, version } = value;
	return (
		[id, file, sha256, source, resolved, version].every((text) => typeof text === 'string') &&
		(kind === 'module' || kind === 'executable' || kind === 'mcp') &&
		isObject(files) &&
		isObject(manifest) &&
		Array.isArray(projects) &&
		Object.hasOwn(files, file as string)
	);
}

/** Replaces the records. @throws OrchestraError `registry_unusable`, `no_space`; the old ones stay */
export function writeIntegrity(store: PluginStore, records: ReadonlyMap<string, InstallRecord>): void {
	const sorted = [...records].sort(([a], [b]) => (a < b ? -1 : 1));
	const document: IntegrityDocument = { version: 1, installs: Object.fromEntries(sorted) };
	try {
		replaceFile(store.integrityFile, `${JSON.stringify(document, null, 2)}\n`);
	} catch (error) {
		throw fileFailure(store.integrityFile, error);
	}
}
