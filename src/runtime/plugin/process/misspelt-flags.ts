import { distance } from 'fastest-levenshtein';

/** A flag that is none of ours, and the one of ours that was probably meant. */
export interface MisspeltFlag {
	readonly given: string;
	readonly meant: string;
}

/** Edits between a flag and the one that it was probably meant to be, at most. */
const maxEdits = 2;

/** The flags among a plugin's own that look like one of the process contract. */
export function misspeltFlags(given: readonly string[], known: readonly string[]): MisspeltFlag[] {
	return given.flatMap((name) => {
		const meant = known.find((one) => distance(name.replaceAll('_', '-').toLowerCase(), one) <= maxEdits);
		return meant === undefined ? [] : [{ given: name, meant }];
	});
}
