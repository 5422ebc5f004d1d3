import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** Something that a compiler found wrong. */
export interface Fault {
	/** Relative to the working directory of this process, where it is about a file. */
	readonly file?: string;
	/** From 1. */
	readonly line?: number;
	/** From 1. */
	readonly column?: number;
	/** What is wrong; where it has more lines, they are indented. */
	readonly text: string;
}

/** Faults in a message: the rest is counted. All of them are in the error's details. */
const maxFaults = 20;

/** `file:line:column: text`, which editors and terminals can follow. */
export function formatFault({ file, line, column, text }: Fault): string {
	if (file === undefined) return text;
	return `${[file, line, column].filter((part) => part !== undefined).join(':')}: ${text}`;
}

/** The error for a plugin that does not build, with the place of each fault. */
export function buildFailed(sentence: string, faults: readonly Fault[], hint: string): OrchestraError {
	const shown = faults.slice(0, maxFaults).map((fault) => `  ${formatFault(fault).replaceAll('\n', '\n  ')}`);
	if (faults.length > maxFaults) shown.push(`  and ${faults.length - maxFaults} more`);
	return new OrchestraError('build_failed', [`${sentence}:`, ...shown].join('\n'), {
		hint,
		details: { faults: faults.map((fault) => ({ ...fault })) },
	});
}
