import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import semver from 'semver';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { unifiedDiff } from '../../lines/unified-diff.ts';
import { scaffoldFiles } from '../scaffold-files.ts';
import type { ScaffoldRecord } from '../scaffold-record.ts';
import { templateVersion } from '../template-history.ts';
import { toolchainReference } from '../toolchain-reference.ts';
import { mergeFile } from './merge-file.ts';

/** A file that an update writes or removes. */
export interface FileChange {
	readonly file: string;
	/** Its text now; undefined where it is not there. */
	readonly before: string | undefined;
	/** Its text then; undefined where it goes. */
	readonly after: string | undefined;
	/** Differences, as `diff -u` shows them. */
	readonly diff: readonly string[];
}

/** A difference that an update leaves, since the author has made another one there. */
export interface UpdateConflict {
	readonly file: string;
	readonly reasons: readonly string[];
	/** The file that is put beside it, with what the template has. */
	readonly beside: string;
}

/** Plan of an update, before anything is done. */
export interface ScaffoldUpdate {
	readonly dir: string;
	readonly from: ScaffoldRecord;
	/** The version of the templates that it comes to. */
	readonly to: number;
	readonly changes: readonly FileChange[];
	readonly conflicts: readonly UpdateConflict[];
	/** Files that the templates have changed or dropped, and the author too: they stay as they are, a sentence each. */
	readonly kept: readonly string[];
}

/** Suffix of a file that is put beside the author's. */
const besideSuffix = '.new';

/**
 * Changes after which a project is as the templates are now, with all that its author has changed.
 *
 * @param dir the folder of the project, absolute
 * @throws OrchestraError `directory_not_empty` where what an update before put beside a file is still there
 */
export function planUpdate(dir: string, from: ScaffoldRecord): ScaffoldUpdate {
	const to = templateVersion();
	const { was, now } = references(dir);
	const base = scaffoldFiles({ dir, ...from, toolchain: was });
	const target = scaffoldFiles({ dir, ...from, version: to, toolchain: now });
	const plan: Plan = { dir, to, changes: [], conflicts: [], kept: [] };
	for (const file of [...new Set([...base.keys(), ...target.keys()])].sort()) {
		planFile(plan, file, base.get(file), target.get(file));
	}
	return { ...plan, from };
}

interface Plan {
	readonly dir: string;
	readonly to: number;
	readonly changes: FileChange[];
	readonly conflicts: UpdateConflict[];
	readonly kept: string[];
}

function planFile(plan: Plan, file: string, was: string | undefined, now: string | undefined): void {
	if (was === now) return;
	const found = readOwn(join(plan.dir, file));
	if (found === 'unreadable') {
		if (now !== undefined) conflict(plan, file, ['it is no file of text'], now);
		return;
	}
	if (found === undefined) {
		if (was === undefined) change(plan, file, undefined, now);
		else if (now !== undefined) plan.kept.push(`${file} stays away: you have removed it.`);
		return;
	}
	const ends = lineEnds(found);
	const own = ends === '\n' ? found : found.replaceAll('\r\n', '\n');
	const withEnds = (text: string) => (ends === '\n' ? text : text.replaceAll('\n', ends));
	if (own === now) return;
	if (own === was) change(plan, file, found, now === undefined ? undefined : withEnds(now));
	else if (now === undefined)
		plan.kept.push(`${file} stays: you have changed it. Templates have no such file any more.`);
	else if (was === undefined) conflict(plan, file, ['the template has a file of this name now'], now);
	else {
		const merged = mergeFile(file, was, own, now, plan.to);
		if (merged.text !== own) change(plan, file, found, withEnds(merged.text));
		if (merged.conflicts.length > 0) conflict(plan, file, merged.conflicts, withEnds(merged.beside));
	}
}

function change(plan: Plan, file: string, before: string | undefined, after: string | undefined): void {
	plan.changes.push({ file, before, after, diff: unifiedDiff(before, after) });
}

function conflict(plan: Plan, file: string, reasons: readonly string[], text: string): void {
	const beside = file + besideSuffix;
	if (readOwn(join(plan.dir, beside)) !== undefined) {
		throw new OrchestraError('directory_not_empty', `${beside} is still there from an update before`, {
			hint: `Take what you want of it into ${file}, remove it, then try again. Nothing was changed.`,
			details: { dir: plan.dir, file: beside },
		});
	}
	plan.conflicts.push({ file, reasons, beside });
	change(plan, beside, undefined, text);
}

/** The text of a file; undefined where nothing is there, `unreadable` where it is something else. */
function readOwn(path: string): string | undefined {
	if (!lstatSync(path, { throwIfNoEntry: false })) return undefined;
	try {
		const bytes = readFileSync(path);
		const text = bytes.toString('utf8');
		return lstatSync(path).isFile() && Buffer.from(text).equals(bytes) ? text : 'unreadable';
	} catch {
		return 'unreadable';
	}
}

/** Line ends of a text: some systems turn the ends around when a project is checked out. */
function lineEnds(text: string): '\n' | '\r\n' {
	return text.includes('\r\n') && !/(^|[^\r])\n/.test(text) ? '\r\n' : '\n';
}

/**
 * References of the package.json to this toolchain, as it was made and as it will be. One that the author has chosen, or a newer toolchain, is
 * left alone: then both are the same.
 */
function references(dir: string): { readonly was: string; readonly now: string } {
	const ours = toolchainReference(dir);
	const own = ownReference(dir);
	if (own === undefined) return { was: ours, now: ours };
	const isOlder =
		/^\^\d+\.\d+\.\d+$/.test(own) && ours.startsWith('^') && semver.lt(own.slice(1), ours.slice(1));
	const areLinks = own.startsWith('file:') && ours.startsWith('file:');
	return { was: own, now: isOlder || areLinks ? ours : own };
}

function ownReference(dir: string): string | undefined {
	try {
		const { dependencies, devDependencies } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as {
			dependencies?: Record<string, string>;
			devDependencies?: Record<string, string>;
		};
		return devDependencies?.['orchestra-toolchain'] ?? dependencies?.['orchestra-toolchain'];
	} catch {
		return undefined;
	}
}
