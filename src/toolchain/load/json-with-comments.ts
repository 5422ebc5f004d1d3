/** Reads JSON with comments and trailing commas, as tsconfig.json may have them. @throws SyntaxError */
export function parseJsonWithComments(text: string): unknown {
	return JSON.parse(withoutTrailingCommas(withoutComments(text)));
}

/** A text in double quotes, which may hold what looks like a comment or a comma. */
const quoted = /"(?:[^"\\]|\\.)*"/.source;

function withoutComments(text: string): string {
	const pattern = new RegExp(`${quoted}|/\\*[\\s\\S]*?\\*/|//[^\\n]*`, 'g');
	return text.replace(pattern, (part) => (part.startsWith('"') ? part : ' '));
}

function withoutTrailingCommas(text: string): string {
	return text.replace(new RegExp(`${quoted}|,(?=\\s*[}\\]])`, 'g'), (part) => (part === ',' ? '' : part));
}
