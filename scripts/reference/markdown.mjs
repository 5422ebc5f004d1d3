/** A table; nothing where it has no rows. A column without any text is left out. */
export function table(heads, rows) {
	if (rows.length === 0) return '';
	const kept = heads.map((_, column) => column === 0 || rows.some((row) => row[column]));
	const line = (cells) =>
		`| ${cells
			.filter((_, column) => kept[column])
			.map(cell)
			.join(' | ')} |\n`;
	return `${line(heads)}|${kept
		.filter(Boolean)
		.map(() => '---')
		.join('|')}|\n${rows.map(line).join('')}\n`;
}

/** A text in a cell of a table: on one line, without ending the cell. */
function cell(text = '') {
	return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}

/** A text as code; one with a backtick in it as it is. */
export function code(text) {
	return text === '' || text.includes('`') ? text : `\`${text}\``;
}

/** A text with code between backticks at most: what else would mean something to Markdown is shown as it is. */
export function prose(text = '') {
	return text.replaceAll('<', '&lt;').replaceAll('*', '\\*').trim();
}
