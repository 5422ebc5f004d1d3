import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../../../runtime/wire/json-value.ts';
import { type JsonConflict, mergeJson } from '../../lines/merge-json.ts';
import { mergeLines } from '../../lines/merge-lines.ts';

/** Result of a merge of a file that its author and the templates have changed. */
export interface MergedFile {
	/** Both changes; where they conflict, what the author has. */
	readonly text: string;
	/** Each conflict in a few words; empty where there is none. */
	readonly conflicts: readonly string[];
	/** Text to put beside it where there are conflicts: the file with what the template has there, too. */
	readonly beside: string;
}

/**
 * Joins what an author and a template have made of a file: JSON by its keys, anything else by its lines.
 *
 * @param name its name, for `.json`
 * @param version the version of the template, for the marks
 */
export function mergeFile(
	name: string,
	was: string,
	yours: string,
	theirs: string,
	version: number,
): MergedFile {
	const names = { yours: 'yours', theirs: `version ${version} of the template` };
	const byLine = mergeLines(was.split('\n'), yours.split('\n'), theirs.split('\n'), names);
	const merged: MergedFile = {
		text: byLine.lines.join('\n'),
		beside: byLine.marked.join('\n'),
		conflicts: byLine.conflicts.map(
			({ line, yours: own, theirs: its }) => `line ${line}: ${apart(own.join('\n'), its.join('\n'))}`,
		),
	};
	const documents = [was, yours, theirs].map((text) => (name.endsWith('.json') ? objectIn(text) : undefined));
	const [old, own, its] = documents;
	if (!old || !own || !its) return merged;

	const conflicts: JsonConflict[] = [];
	const byKey = mergeJson(old, own, its, 'yours', conflicts);
	// By lines, the author's own layout stays; it may say a key twice, or differ in a comma only.
	if (merged.conflicts.length === 0 && isDeepStrictEqual(objectIn(merged.text), byKey)) return merged;
	const write = (value: unknown) => `${JSON.stringify(value, null, indentOf(yours))}\n`;
	return {
		text: write(byKey),
		beside: write(mergeJson(old, own, its, 'theirs')),
		conflicts: conflicts.map(({ key, yours: own, theirs: its }) => `${key}: ${apart(own, its)}`),
	};
}

/** The way in which two sides differ. */
function apart(yours: unknown, theirs: unknown): string {
	const told = (value: unknown) =>
		value === undefined || value === '' ? 'gone' : JSON.stringify(value).replaceAll('\\t', ' ');
	return `yours is ${told(yours)}, the template's ${told(theirs)}`;
}

/** The object in a JSON text; undefined where it is none, or has comments, which would be lost. */
function objectIn(text: string): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return isObject(value) ? value : undefined;
	} catch {
		return undefined;
	}
}

/** Indentation of a JSON text. */
function indentOf(text: string): string {
	return /^[{[]\r?\n([ \t]+)/.exec(text)?.[1] ?? '  ';
}
