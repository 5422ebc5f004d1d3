/** Reads JSON as editors and compilers keep their settings: with comments, and a comma behind the last entry. @throws SyntaxError */
export function parseJsonWithComments(text: string): unknown {
	// A string is passed over whole; a comment goes; a comma goes where only space and comments are before the bracket.
	const token = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
	const plain = text.replace(/^\ufeff/, '').replace(token, (part) => (part.startsWith('"') ? part : ' '));
	const comma = /"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/g;
	return JSON.parse(plain.replace(comma, (part) => (part === ',' ? '' : part)));
}
