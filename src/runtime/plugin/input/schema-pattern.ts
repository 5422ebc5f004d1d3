import { setFlagsFromString } from 'node:v8';
import { BoundedPattern } from './bounded-pattern.ts';

/** Two code units that stand for one character, as the flag `u` sees it. */
const pair = '[\\uD800-\\uDBFF][\\uDC00-\\uDFFF]';

/** Part of a pattern: an escape, a class in brackets, or a character. */
const parts =
	/\\(?:u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[pP]\{[^}]*\}|k<[^>]*>|[\s\S])|\[(?:\\[\s\S]|[^\]\\])*\]|[\s\S]/g;

/**
 * A pattern of a schema as a regular expression. It means what it means with the flag `u`, and where it is wrong with it, what
 * it means without.
 *
 * V8 gives up backtracking for an engine that is linear only where the flag is absent, so that it goes without wherever the
 * pattern can be written so. Every other pattern is held against texts under a deadline.
 *
 * @throws SyntaxError where it is wrong either way
 */
export function schemaRegExp(pattern: string): Pick<RegExp, 'test'> {
	preferLinearTime();
	const regExp = plainRegExp(pattern);
	return isLinear(regExp) ? regExp : new BoundedPattern(regExp);
}

/** Whether V8's linear engine takes an expression: without look-around, references to groups, counts, and flags. */
function isLinear({ source, flags }: RegExp): boolean {
	return flags === '' && !onDeno && !/\(\?<?[=!]|\\[1-9k]|\{/.test(source);
}

// Its command line decides there, and cannot be asked.
const onDeno = process.versions.deno !== undefined;

function plainRegExp(pattern: string): RegExp {
	try {
		new RegExp(pattern, 'u');
	} catch {
		return new RegExp(pattern);
	}
	const plain = withoutUnicodeFlag(pattern);
	if (plain !== undefined) {
		try {
			return new RegExp(plain);
		} catch {
			// It is no pattern without the flag: it stays as it is.
		}
	}
	return new RegExp(pattern, 'u');
}

/** The same pattern for an expression without the flag `u`; undefined where it has what needs it. Texts hold no half characters. */
function withoutUnicodeFlag(pattern: string): string | undefined {
	if (!isAscii(pattern)) return undefined;
	let plain = '';
	for (const [part] of pattern.matchAll(parts)) {
		if (/^\\(u|[pP]|k)/.test(part)) return undefined;
		if (part === '.') plain += `(?:${pair}|[^\\n\\r\\u2028\\u2029\\uD800-\\uDFFF])`;
		else if (/^\\[SWD]$/.test(part)) plain += `(?:${pair}|[^${part.toLowerCase()}\\uD800-\\uDFFF])`;
		else if (/^\[(\\s\\S|\\S\\s|\\d\\D|\\D\\d|\\w\\W|\\W\\w|\^)\]$/.test(part))
			plain += `(?:${pair}|[^\\uD800-\\uDFFF])`;
		else if (part.startsWith('[')) {
			if (/\\[SWDpPu]/.test(part)) return undefined;
			plain += part.startsWith('[^') ? `(?:${pair}|${part.slice(0, -1)}\\uD800-\\uDFFF])` : part;
		} else plain += part;
	}
	return plain;
}

function isAscii(text: string): boolean {
	for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
	return true;
}

let asked = false;

/**
 * Lets V8 leave an expression that backtracks too much to its linear engine, in this whole process. Deno has to be told on its
 * own command line: `--v8-flags=--enable-experimental-regexp-engine-on-excessive-backtracks`.
 */
function preferLinearTime(): void {
	if (asked) return;
	asked = true;
	try {
		setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
	} catch {
		// A runtime without it is as it was.
	}
}
