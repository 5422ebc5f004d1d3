/**
 * Whether a storage path fits the pattern of a list request, as the stores of the Go project have it: a glob for the last part of the
 * path, so that `*.md` fits `notes/2024/a.md`. An empty pattern fits everything; one with a slash is held against the whole path.
 *
 * `*` stands for any characters, `?` for one, `[a-z]` and `[^a-z]` for one of a set, `\` takes the next character as it is. A pattern
 * that makes no sense (`[a`) fits nothing. It takes time in proportion to the product of both lengths: patterns come from callers.
 */
export function matchesPattern(pattern: string, path: string): boolean {
	if (pattern === '') return true;
	const parts = parsePattern(pattern);
	if (!parts) return false;
	const text = [...(pattern.includes('/') ? path : path.slice(path.lastIndexOf('/') + 1))];
	let at = 0;
	let part = 0;
	// The last star, and what it has taken so far: where the rest does not fit it takes one character more.
	let star = -1;
	let taken = 0;
	while (at < text.length) {
		const fits = parts[part];
		if (fits === 'any') {
			star = part++;
			taken = at;
		} else if (fits?.(text[at] as string)) {
			part++;
			at++;
		} else if (star >= 0) {
			part = star + 1;
			at = ++taken;
		} else return false;
	}
	while (parts[part] === 'any') part++;
	return part === parts.length;
}

/** A star, or what one character has to be. */
type Part = 'any' | ((character: string) => boolean);

function parsePattern(pattern: string): Part[] | undefined {
	const characters = [...pattern];
	const parts: Part[] = [];
	for (let i = 0; i < characters.length; i++) {
		const character = characters[i] as string;
		if (character === '*') {
			if (parts.at(-1) !== 'any') parts.push('any');
		} else if (character === '?') parts.push(() => true);
		else if (character === '[') {
			const set = parseSet(characters, i + 1);
			if (!set) return undefined;
			parts.push(set.fits);
			i = set.end;
		} else {
			const literal = character === '\\' ? characters[++i] : character;
			if (literal === undefined) return undefined;
			parts.push((other) => other === literal);
		}
	}
	return parts;
}

/** The set that begins after its bracket; undefined where it is empty, or does not end. */
function parseSet(
	characters: readonly string[],
	start: number,
): { fits: Part & object; end: number } | undefined {
	const ranges: [low: number, high: number][] = [];
	let at = start;
	const negated = characters[at] === '^';
	if (negated) at++;
	for (; characters[at] !== ']' || ranges.length === 0; at++) {
		const low = member();
		if (low === undefined) return undefined;
		let high: number | undefined = low;
		if (characters[at + 1] === '-') {
			at += 2;
			high = member();
		}
		if (high === undefined) return undefined;
		ranges.push([low, high]);
	}
	return {
		fits: (character) => {
			const code = character.codePointAt(0) as number;
			return ranges.some(([low, high]) => low <= code && code <= high) !== negated;
		},
		end: at,
	};

	function member(): number | undefined {
		const character = characters[at];
		if (character === '-' || character === ']') return undefined;
		return (character === '\\' ? characters[++at] : character)?.codePointAt(0);
	}
}
