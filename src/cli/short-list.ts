/** Names that stand in one line; more are counted. */
const namedPaths = 4;

/** Names in a line: the first ones, and how many more there are. */
export function shortList(names: readonly string[]): string {
	const shown = names.slice(0, namedPaths).join(', ');
	return names.length > namedPaths ? `${shown} and ${names.length - namedPaths} more` : shown;
}
