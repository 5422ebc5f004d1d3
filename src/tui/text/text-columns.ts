import stringWidth from 'string-width';

/** Sequences that colour a text: they take no column. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const colours = /\x1b\[[\d;]*m/g;

/** Text whose characters take one column each, whatever stands beside them: most of what is ever shown. */
const narrow =
	/^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2013\u2014\u2016\u2018-\u201d\u2026\u2190-\u2193\u2500-\u259f\u25b8\u25cf\u25cb]*$/;

/**
 * Columns that a text takes on a terminal; East Asian characters and pictures take two. It may have colours.
 *
 * `string-width` counts them, which looks at each grapheme: that was most of the time of a frame. So a text of narrow characters only is
 * not given to it.
 * The build gives it to ink too.
 */
export default function textColumns(text: string): number {
	const plain = text.includes('\x1b') ? text.replace(colours, '') : text;
	return narrow.test(plain) ? plain.length : stringWidth(plain);
}
