/** Beginnings of the parser's sentences for the most usual faults, and what they mean to somebody who never read the grammar. */
const plainWords: ReadonlyArray<readonly [parser: RegExp, plain: string]> = [
	[/^Flow sequence in block collection/, 'a [ is not closed: the ] is missing before this place'],
	[/^Flow map in block collection/, 'a { is not closed: the } is missing before this place'],
	[/^Missing closing ["']/, 'a quote is not closed'],
	[
		/^Nested mappings are not allowed in compact/,
		'a key cannot stand here: indent it as the keys beside it, or quote a text that has ": " in it',
	],
	[/^Implicit map keys need to be followed/, 'a colon and a value are missing behind this key'],
];

/** Message of the parser, in plain words where they are known, and without the text that it quotes: that may be a secret. */
export function yamlSentence(message: string): string {
	const known = plainWords.find(([parser]) => parser.test(message));
	if (known) return known[1];
	const [first = message] = message.split(/: ["']|\n/);
	return first.replace(/[.:]$/, '').replace(/^\w/, (letter) => letter.toLowerCase());
}
