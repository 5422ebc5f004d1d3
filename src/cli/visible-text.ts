/** Colours and such: harmless, and of no use where we lay the text out. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const colours = /\u001b\[[0-9;:]*m/g;

/** Characters that move the cursor, speak to the terminal, or turn the reading direction around. Tabs and line ends stay. */
const unseen =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
	/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/**
 * A text from a plugin or a peer as a terminal may show it: control characters are shown by their codes, and do nothing.
 */
export function visible(text: string): string {
	return text.replaceAll('\r\n', '\n').replace(colours, '').replace(unseen, code);
}

/** The same text as {@link visible} makes, on one line. */
export function visibleLine(text: string): string {
	return visible(text).replaceAll('\n', '\\n').replaceAll('\t', ' ');
}

/** JSON for a terminal. JSON itself escapes only some of what a terminal obeys. */
export function visibleJson(json: string): string {
	return json.replace(unseen, (char) => `\\u${hex(char).padStart(4, '0')}`);
}

/** A value with each text in it made {@link visible}, keys too. */
export function visibleIn<T>(value: T): T {
	if (typeof value === 'string') return visible(value) as T;
	if (Array.isArray(value)) return value.map(visibleIn) as T;
	if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) === Date.prototype)
		return value;
	const entries = Object.entries(value).map(([key, inner]) => [visibleLine(key), visibleIn(inner)]);
	return Object.fromEntries(entries) as T;
}

function code(char: string): string {
	const digits = hex(char);
	return digits.length <= 2 ? `\\x${digits.padStart(2, '0')}` : `\\u${digits.padStart(4, '0')}`;
}

function hex(char: string): string {
	return char.charCodeAt(0).toString(16);
}
