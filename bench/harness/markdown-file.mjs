import { readFileSync, writeFileSync } from 'node:fs';

/**
 * The markers around a report.
 *
 * @param {string | undefined} table of which it is; undefined for the whole
 */
const markers = (table) => {
	const name = table ? `bench-${table}` : 'bench';
	return { begin: `<!-- ${name}:begin -->`, end: `<!-- ${name}:end -->` };
};

/**
 * Puts a report between the markers of a file.
 *
 * @param {string} file
 * @param {string} report
 * @param {string=} table
 */
export function rewriteMarkdown(file, report, table) {
	const { begin, end } = markers(table);
	const text = readFileSync(file, 'utf8');
	const [before, rest] = split(text, begin, file);
	const [, after] = split(rest, end, file);
	writeFileSync(file, `${before}${begin}\n\n${report}\n\n${end}${after}`);
}

/**
 * Whether the file has its markers: asked before anything is measured.
 *
 * @param {string} file
 * @param {string=} table
 */
export function checkMarkers(file, table) {
	const { begin, end } = markers(table);
	const [, rest] = split(readFileSync(file, 'utf8'), begin, file);
	split(rest, end, file);
}

/**
 * @param {string} text
 * @param {string} marker
 * @param {string} file
 * @returns {[string, string]}
 */
function split(text, marker, file) {
	const at = text.indexOf(marker);
	if (at < 0) throw new Error(`${file} has no ${marker}`);
	return [text.slice(0, at), text.slice(at + marker.length)];
}
