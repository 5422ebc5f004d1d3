import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { Position } from './yaml-node.ts';

/** A fault in a configuration file, or a warning about it. */
export interface ConfigurationFault extends Position {
	/** The path of the key, such as `plugins[0].env.TOKEN`; empty for the file as a whole. */
	readonly key: string;
	/** Text of the fault. Never the value of a key that may be secret. */
	readonly text: string;
}

/** Faults that are listed; the rest is counted. */
const maxListed = 20;

const configurationHint = '`orchestra schema config` prints what a configuration may hold.';

/** Collects what is wrong in a file, and what is worth a warning. */
export class FaultList {
	readonly #faults: ConfigurationFault[] = [];
	readonly #warnings: ConfigurationFault[] = [];

	get faults(): readonly ConfigurationFault[] {
		return this.#faults;
	}

	/** In the order of the file. */
	get warnings(): ConfigurationFault[] {
		return inOrder(this.#warnings);
	}

	add(key: string, { line, column }: Position, text: string): void {
		this.#faults.push({ line, column, key, text });
	}

	warn(key: string, { line, column }: Position, text: string): void {
		this.#warnings.push({ line, column, key, text });
	}

	/** @throws OrchestraError `invalid_configuration` where there is a fault */
	throwIfAny(file: string, hint = configurationHint): void {
		if (this.#faults.length > 0) throw invalidConfiguration(file, inOrder(this.#faults), hint);
	}
}

function inOrder(faults: readonly ConfigurationFault[]): ConfigurationFault[] {
	return [...faults].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** `file:line:column: key: text`, which editors and terminals can follow. */
export function formatConfigurationFault(
	file: string,
	{ line, column, key, text }: ConfigurationFault,
): string {
	return `${file}:${line}:${column}: ${key === '' ? text : `${key}: ${text}`}`;
}

/**
 * The error for a file with faults, each with its place.
 *
 * @param file as it is shown; the faults' places are in it
 */
function invalidConfiguration(
	file: string,
	faults: readonly ConfigurationFault[],
	hint: string,
): OrchestraError {
	const listed = faults.slice(0, maxListed);
	const lines = listed.map((fault) => formatConfigurationFault(file, fault));
	const rest = faults.length - listed.length;
	if (rest > 0) lines.push(`and ${rest} more`);
	const message =
		lines.length === 1
			? (lines[0] as string)
			: [`${file} has ${faults.length} faults:`, ...lines.map((line) => `  ${line}`)].join('\n');
	return new OrchestraError('invalid_configuration', message, {
		hint,
		details: { file, faults: listed.map((fault) => ({ ...fault })), total: faults.length },
	});
}

/** The error for a file that cannot be read at all. */
export function unreadableConfiguration(
	file: string,
	why: string,
	hint: string,
	cause?: unknown,
): OrchestraError {
	return new OrchestraError('invalid_configuration', `${file} ${why}`, { hint, details: { file }, cause });
}
