/** A number of things, as a person would write it: `1 tool`, `2 tools`. */
export function countOf(count: number, thing: string): string {
	return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
