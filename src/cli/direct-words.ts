import { readDuration } from '../toolchain/duration.ts';
import type { CallFlags } from './call-tool.ts';

/** The words of a `call`, as the command framework would read them. */
export interface DirectWords {
	readonly target: string;
	readonly tool: string;
	/** The arguments of the tool. */
	readonly words: readonly string[];
	readonly flags: DirectFlags;
}

export interface DirectFlags extends CallFlags {
	readonly json: boolean;
	readonly verbose: boolean;
	readonly timeout?: string;
	readonly config?: string[];
	readonly 'certs-dir'?: string;
	readonly 'trace-parent'?: string;
}

/** The flags that are read here: without a value, with one, or with one each time that they come. */
export const directFlags: Readonly<Record<string, 'switch' | 'text' | 'texts'>> = {
	json: 'switch',
	verbose: 'switch',
	'allow-unknown': 'switch',
	input: 'text',
	provider: 'text',
	plugin: 'text',
	timeout: 'text',
	'certs-dir': 'text',
	'trace-parent': 'text',
	config: 'texts',
};

/**
 * Reads the words after `call` where they are plain: a target, a tool, its arguments, and flags of {@link directFlags}. Undefined where the
 * command framework is to read them: other flags, short ones, one that comes twice or has no value, whatever may be a mistake.
 */
export function readDirectWords(argv: readonly string[]): DirectWords | undefined {
	const flags: Record<string, true | string | string[]> = {};
	const words: string[] = [];
	for (let at = 0; at < argv.length; at++) {
		const word = argv[at] ?? '';
		if (!word.startsWith('-')) {
			if (word === '') return undefined;
			words.push(word);
			continue;
		}
		const [, name = '', inWord] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word) ?? [];
		const kind = Object.hasOwn(directFlags, name) ? directFlags[name] : undefined;
		if (kind === undefined || (kind !== 'texts' && name in flags)) return undefined;
		if (kind === 'switch') {
			if (inWord !== undefined) return undefined;
			flags[name] = true;
			continue;
		}
		const value = inWord ?? argv[++at] ?? '';
		if (value === '' || value.startsWith('-')) return undefined;
		if (kind === 'texts') flags[name] = [...((flags[name] as string[] | undefined) ?? []), value];
		else flags[name] = value;
	}
	const [target, tool, ...rest] = words;
	if (target === undefined || tool === undefined) return undefined;
	const { timeout } = flags;
	if (typeof timeout === 'string' && readDuration(timeout, 's') === undefined) return undefined;
	const { json = false, verbose = false } = flags;
	return { target, tool, words: rest, flags: { ...flags, json, verbose } as DirectFlags };
}
