/**
 * Whether a storage path fits the pattern of a list request, as the stores of the Go project have it: a glob for the last part of the
 * path, with `*` for any characters and `?` for one. An empty pattern fits everything; one with a slash is held against the whole path.
 */
export function matchesPattern(pattern: string, path: string): boolean {
	if (pattern === '') return true;
	return matchesGlob(pattern, pattern.includes('/') ? path : path.slice(path.lastIndexOf('/') + 1));
}

/** In time proportional to the product of both lengths, whatever the pattern: it comes from peers. */
function matchesGlob(glob: string, text: string): boolean {
	let at = 0;
	let from = 0;
	let star = -1;
	let retry = 0;
	while (from < text.length) {
		if (at < glob.length && (glob[at] === '?' || (glob[at] !== '*' && glob[at] === text[from]))) {
			at++;
			from++;
		} else if (glob[at] === '*') {
			star = at++;
			retry = from;
		} else if (star >= 0) {
			// The last star takes one character more.
			at = star + 1;
			from = ++retry;
		} else return false;
	}
	while (glob[at] === '*') at++;
	return at === glob.length;
}
