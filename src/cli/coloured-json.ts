import { style } from './style.ts';

/** Texts, with the colon behind a key, and the other values of JSON. */
const tokens = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON for a terminal, with colours where it has some. */
export function colouredJson(json: string): string {
	return json.replace(tokens, (token: string, text: string | undefined, colon: string | undefined) => {
		if (text !== undefined) return colon === undefined ? style.green(text) : `${style.cyan(text)}${colon}`;
		return /^[tfn]/.test(token) ? style.magenta(token) : style.yellow(token);
	});
}
