import { Errors } from '@oclif/core';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { retoldError } from '../runtime/wire/retold-error.ts';
import { nearest } from '../toolchain/nearest.ts';

/** Facts that the command framework has about a command line that it could not read. */
interface ParseFault extends Errors.CLIError {
	readonly args?: ReadonlyArray<string | { readonly name: string; readonly description?: string }>;
	readonly flags?: readonly string[];
	readonly parse?: {
		readonly input?: {
			readonly argv?: readonly string[];
			readonly flags?: Readonly<
				Record<string, { readonly type?: string; readonly allowNo?: boolean; readonly description?: string }>
			>;
			readonly args?: Readonly<Record<string, { readonly required?: boolean }>>;
			readonly context?: { readonly ctor?: { readonly id?: string; readonly usage?: string | string[] } };
		};
	};
}

/** What the command framework threw, in our terms: a fault of the command line says what to write instead. */
export function frameworkError(caught: unknown): unknown {
	if (caught instanceof OrchestraError) return withoutPreamble(caught);
	return caught instanceof Errors.CLIError ? usageError(caught) : caught;
}

/** The command framework rewrites what a flag's own parser threw: `Parsing --timeout`, a line with the message, and a hint. */
function withoutPreamble(error: OrchestraError): OrchestraError {
	const wrapped = /^Parsing (--\S+)\s*\n\s*([\s\S]*?)\n?(?:See more help with --help)?$/.exec(error.message);
	if (!wrapped) return error;
	return retoldError(error, `${wrapped[1]}: ${wrapped[2]?.trim()}`);
}

function usageError(error: Errors.CLIError): OrchestraError {
	const fault = error as ParseFault;
	const { message, hint } = unknownFlag(fault) ?? missing(fault) ?? unexpected(fault) ?? other(fault);
	return new OrchestraError('usage', message, { hint, cause: error });
}

const topics = new Set(['certs', 'events', 'schema']);

interface Sentence {
	readonly message: string;
	readonly hint: string;
}

function unknownFlag(fault: ParseFault): Sentence | undefined {
	const flag = fault.flags?.[0] ?? /^Nonexistent flags?: (\S+)/.exec(fault.message)?.[1];
	if (flag === undefined) return undefined;
	const known = Object.keys(fault.parse?.input?.flags ?? {});
	const name = flag.replace(/^-+/, '').replace(/=.*$/, '');
	const without = name.replace(/^no-/, '');
	const near = nearest(name, known) ?? (known.includes(without) ? without : undefined);
	const message = `${commandOf(fault)} has no flag ${flag}`;
	if (near !== undefined) return { message, hint: `Did you mean --${near}?` };
	if (fault.parse?.input?.args?.tool && flag.startsWith('--')) {
		return { message, hint: `Arguments of a tool are words: ${name}=VALUE. ${help(fault)}` };
	}
	return { message, hint: help(fault) };
}

function missing(fault: ParseFault): Sentence | undefined {
	const first = fault.args?.[0];
	if (typeof first !== 'object' || !fault.message.startsWith('Missing')) return undefined;
	const what = first.description ? `: ${lowerFirst(first.description).replace(/\.$/, '')}` : '';
	return {
		message: `${commandOf(fault)} needs ${first.name.toUpperCase()}${what}`,
		hint: `Write: ${usageOf(fault)}. ${help(fault)}`,
	};
}

function unexpected(fault: ParseFault): Sentence | undefined {
	const word = fault.args?.[0];
	if (typeof word !== 'string') return undefined;
	const flag = process.argv.find((given) => given.startsWith('--') && given.endsWith(`=${word}`));
	if (flag !== undefined) {
		const name = flag.slice(0, flag.indexOf('='));
		return {
			message: `${name} takes no value`,
			hint: `Write ${name}, or leave it out.`,
		};
	}
	return {
		message: `${commandOf(fault)} takes no argument ${word}`,
		hint: `Write: ${usageOf(fault)}. ${help(fault)}`,
	};
}

function other(fault: ParseFault): Sentence {
	// The framework appends its help hint and lists to the message: the first line is the sentence.
	const lines = fault.message
		.split('\n')
		.filter((line) => line.trim() !== '' && !line.startsWith('See more help'));
	const [first = fault.message] = lines;
	// The framework takes words behind a command without arguments for the name of another.
	const found = /^command (\S+) not found/.exec(first)?.[1];
	const words = found === undefined ? [] : joinedWords(found);
	if (words.length > 1) {
		const command = ['orchestra', ...words.slice(0, -1)].join(' ');
		return {
			message: `${command} takes no argument ${words.at(-1)}`,
			hint: `Write: ${command}. ${command} --help shows more.`,
		};
	}
	const choice = /^Expected (--\S+?)=(.*) to be one of: (.*)$/.exec(first);
	if (choice) {
		const [, flag = '', given = '', options = ''] = choice;
		const near = nearest(given, options.split(', '));
		return {
			message: `${flag} cannot be ${given === '' ? 'empty' : given}`,
			hint: near ? `Did you mean ${near}? It can be ${options}.` : `It can be ${options}.`,
		};
	}
	const number =
		/^Parsing (--\S+)\s+Expected an integer(?: (greater|less) than or equal to (-?\d+))? but received: (.*)$/.exec(
			lines.join(' '),
		);
	if (number) {
		const [, flag = '', than, limit, given = ''] = number;
		const range = than === undefined ? '' : ` of at ${than === 'greater' ? 'least' : 'most'} ${limit}`;
		return { message: `${flag} cannot be ${given}`, hint: `It takes a whole number${range}. ${help(fault)}` };
	}
	const [, one, other] =
		/(--\S+?)(?:=\S+)? cannot also be provided when using (--\S+)/.exec(fault.message) ?? [];
	if (one !== undefined) {
		return { message: `${one} and ${other} exclude each other`, hint: 'Leave one of them out.' };
	}
	const value = /^Flag (--\S+) expects (?:a value|one of these values: (.*))/.exec(first);
	if (value) {
		const [, flag = '', options] = value;
		return {
			message: `${flag} needs a value`,
			hint: options ? `It can be ${options}.` : `Write ${flag} VALUE. ${help(fault)}`,
		};
	}
	return { message: lines.join('\n'), hint: help(fault) };
}

/** The words that the framework joined with colons. A word may have colons itself: the command line tells. */
function joinedWords(found: string): string[] {
	const given = process.argv.slice(2);
	const count = given.findIndex((_, index) => given.slice(0, index + 1).join(':') === found) + 1;
	return count > 0 ? given.slice(0, count) : found.split(':');
}

function commandOf(fault: ParseFault): string {
	const id = fault.parse?.input?.context?.ctor?.id;
	return ['orchestra', ...(id ? id.split(':') : wordsOfCommand())].join(' ');
}

/** Some faults do not say in which command they are. Only topics have a second word; they have no flags of their own. */
function wordsOfCommand(): string[] {
	const [first, second] = process.argv.slice(2);
	if (first === undefined || first.startsWith('-')) return [];
	return topics.has(first) && second !== undefined && !second.startsWith('-') ? [first, second] : [first];
}

function usageOf(fault: ParseFault): string {
	const args = Object.entries(fault.parse?.input?.args ?? {}).map(([name, { required }]) =>
		required ? name.toUpperCase() : `[${name.toUpperCase()}]`,
	);
	return [commandOf(fault), ...args].join(' ');
}

function help(fault: ParseFault): string {
	return `${commandOf(fault)} --help shows more.`;
}

function lowerFirst(text: string): string {
	return text.slice(0, 1).toLowerCase() + text.slice(1);
}
