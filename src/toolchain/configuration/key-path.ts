/** The path of a key within a map: `plugins[0].env.TOKEN`; what is no plain word is quoted. */
export function childPath(path: string, key: string): string {
	if (!/^[A-Za-z0-9_-]{1,64}$/.test(key)) return `${path}[${quoted(key)}]`;
	return path === '' ? key : `${path}.${key}`;
}

/** The path of an item of a list. */
export function itemPath(path: string, index: number): string {
	return `${path}[${index}]`;
}

/** A text of the file in a message: on one line, bounded, without what a terminal would obey. */
export function quoted(text: string): string {
	const whole = JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
	return whole.replace(
		/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
		(char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}
