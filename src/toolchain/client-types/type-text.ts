/** Characters that would end a comment or a line, move a cursor, or make a line read other than it is. */
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu;

/** A text as a literal of TypeScript, in characters that show. */
export function stringLiteral(text: string): string {
	return JSON.stringify(text).replace(unseen, escaped);
}

/** A text in a comment, which it cannot end. */
export function commentText(text: string): string {
	return text.replaceAll('\r\n', '\n').replaceAll('*/', '*\\/').replace(unseen, keepLines);
}

/** A comment for what follows it; empty where there is nothing to say. */
export function docComment(text: string, indent = ''): string {
	const lines = commentText(text.trim()).split('\n');
	if (lines.length === 1) return lines[0] === '' ? '' : `${indent}/** ${lines[0]} */\n`;
	return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}

function keepLines(char: string): string {
	return char === '\n' || char === '\t' ? char : escaped(char);
}

function escaped(char: string): string {
	return [...Array(char.length).keys()]
		.map((i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`)
		.join('');
}
