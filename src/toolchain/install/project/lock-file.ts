import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isObject } from '../../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { removeLeftovers, replaceFile } from '../../replace-file.ts';
import { fileFailure } from '../store/file-failure.ts';
import { readDocument } from '../store/read-document.ts';

/** The name of the file in a project that says which plugins it uses. */
export const lockFileName = 'orchestra.lock';

/** Milliseconds after which a lock file that was never finished counts as left behind. */
const leftoverMs = 60_000;

/** A plugin in a lock file. */
export interface LockEntry {
	readonly version: string;
	/** Source as it was asked for; a path is relative to the project. */
	readonly source: string;
	/** Exact source that it meant then. */
	readonly resolved: string;
	/** Digest of the installed files, without those of a platform. Lower-case hex. */
	readonly sha256: string;
	/** The machine that it is for, as Go names it; absent where it runs on any. */
	readonly platform?: string;
}

/** The nearest folder at or above another with a lock file in it. */
export function findLock(from: string): string | undefined {
	return findAbove(from, [lockFileName]);
}

/** The project that a folder lies in: the nearest one with a lock file, a package.json or a deno.json. */
export function findProjectFolder(from: string): string | undefined {
	return findAbove(from, [lockFileName, 'package.json', 'deno.json', 'deno.jsonc']);
}

function findAbove(from: string, names: readonly string[]): string | undefined {
	for (let folder = resolve(from); ; folder = dirname(folder)) {
		if (names.some((name) => existsSync(join(folder, name)))) return folder;
		if (dirname(folder) === folder) return undefined;
	}
}

/**
 * The plugins that a project's lock file names, by id; empty where there is no such file.
 *
 * @throws OrchestraError `registry_unusable` where it cannot be read, `lock_mismatch` where it is no lock file of ours
 */
export function readLock(project: string): Map<string, LockEntry> {
	return parseLock(project).entries;
}

function parseLock(project: string): {
	readonly text: string | undefined;
	readonly entries: Map<string, LockEntry>;
} {
	const path = join(project, lockFileName);
	const found = readDocument(path, 'the lock file');
	if (!found) return { text: undefined, entries: new Map() };
	const wrong = (why: string) =>
		new OrchestraError('lock_mismatch', `the lock file ${path} ${why}`, {
			hint: 'Take it from version control again, or remove it and install the plugins anew.',
			details: { path },
		});
	const { lockVersion, plugins } = found.value;
	if (lockVersion !== 1) {
		throw wrong(`has version ${JSON.stringify(lockVersion)}, which this orchestra does not know`);
	}
	if (!isObject(plugins)) throw wrong('has no "plugins"');
	const entries = new Map<string, LockEntry>();
	for (const [id, entry] of Object.entries(plugins)) {
		if (!isEntry(entry)) throw wrong(`is damaged at ${JSON.stringify(id)}`);
		entries.set(id, entry);
	}
	return { text: found.text, entries };
}

function isEntry(value: unknown): value is LockEntry {
	if (!isObject(value)) return false;
	const { version, source, resolved, sha256, platform } = value;
	return (
		[version, source, resolved].every((text) => typeof text === 'string') &&
		typeof sha256 === 'string' &&
		/^[0-9a-f]{64}$/.test(sha256) &&
		(platform === undefined || typeof platform === 'string')
	);
}

/** Changes a project's lock file, whole or not at all. It is written anew where it changed while we read it. */
export function updateLock(project: string, change: (entries: Map<string, LockEntry>) => void): void {
	const path = join(project, lockFileName);
	for (let tries = 0; ; tries++) {
		const { text, entries } = parseLock(project);
		change(entries);
		const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
		const next = `${JSON.stringify({ lockVersion: 1, plugins: Object.fromEntries(sorted) }, null, 2)}\n`;
		if (next === text) return;
		try {
			// A process with another store may be writing it now, and takes far less.
			removeLeftovers(path, leftoverMs);
			replaceFile(path, next, () => {
				if (tries < 20 && parseLock(project).text !== text) throw new Changed();
			});
			return;
		} catch (error) {
			if (!(error instanceof Changed)) throw fileFailure(path, error);
		}
	}
}

/** Another program wrote the file. */
class Changed extends Error {}
