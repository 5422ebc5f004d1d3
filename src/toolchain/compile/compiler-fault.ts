import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BuildFailure, Message } from 'esbuild';
import { shownPath } from '../shown-path.ts';

/** A fault that a compiler found. */
export interface CompilerFault {
	/** Relative to the working directory of this process, where it is about a file. */
	readonly file?: string;
	/** Counted from 1. */
	readonly line?: number;
	/** Counted from 1. */
	readonly column?: number;
	/** Text of the fault; further lines are indented. */
	readonly text: string;
	/** The line of the source, with a mark below the place. */
	readonly frame?: string;
}

/** Faults in a message: the rest is counted. All of them are in the error's details. */
const maxFaults = 20;

/** Characters of a source line in a frame: a minified file may have all of itself in one. */
const maxFrameWidth = 160;

/** `file:line:column: text`, which editors and terminals can follow. */
export function formatFault({ file, line, column, text }: CompilerFault): string {
	if (file === undefined) return text;
	return `${[file, line, column].filter((part) => part !== undefined).join(':')}: ${text}`;
}

/** A sentence, and each fault on lines of its own. */
export function withFaults(sentence: string, faults: readonly CompilerFault[]): string {
	const shown = faults.slice(0, maxFaults).map((fault) => {
		const frame = fault.frame === undefined ? '' : `\n${fault.frame}`;
		return `  ${`${formatFault(fault)}${frame}`.replaceAll('\n', '\n  ')}`;
	});
	if (faults.length > maxFaults) shown.push(`  and ${faults.length - maxFaults} more`);
	return [`${sentence}:`, ...shown].join('\n');
}

/** Turns a message of the compiler into a fault. @param folder that its paths are relative to */
export function faultOf({ location, text }: Message, folder: string): CompilerFault {
	if (!location) return { text };
	const { line, column, lineText } = location;
	// esbuild counts bytes, an editor characters.
	const before = Buffer.from(lineText).subarray(0, column).toString().length;
	return {
		file: shownPath(resolve(folder, location.file)),
		line,
		column: before + 1,
		text,
		frame: frameOf(line, before + 1, lineText),
	};
}

/** The faults of a compilation that failed; undefined where it failed for another reason. */
export function faultsOf(error: unknown, folder: string): CompilerFault[] | undefined {
	const { errors } = error as BuildFailure;
	return Array.isArray(errors) ? errors.map((message) => faultOf(message, folder)) : undefined;
}

/** A line of source with its number, and a mark below a column. @param column from 1 */
export function frameOf(line: number, column: number, lineText: string): string {
	const begin = Math.max(0, column - maxFrameWidth / 2);
	const text = lineText
		.replace(/\r?\n[\s\S]*$/, '')
		.slice(begin, begin + maxFrameWidth)
		.replaceAll('\t', ' ');
	const number = `${line} | `;
	return `${number}${text}\n${' '.repeat(number.length + Math.max(0, column - 1 - begin))}^`;
}

/** Makes what {@link frameOf} makes, of a file on disk; undefined where it cannot be read. */
export function frameOfFile(path: string, line: number, column: number): string | undefined {
	let text: string;
	try {
		text = readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
	const lineText = text.split('\n')[line - 1];
	return lineText === undefined ? undefined : frameOf(line, column, lineText);
}
