import type { Candidate, Completion } from './candidate.ts';

/** Candidates that a shell is given, at most. */
const maxCandidates = 2000;

/** The answer to a shell, a line for each candidate. @param asWord what the shell puts into the line for a word */
export function formatCompletion(
	{ candidates, files }: Completion,
	asWord: (word: string) => string,
): string {
	const shown = candidates.filter(({ word }) => isPlain(word)).slice(0, maxCandidates);
	const lines = shown.map(({ word, about }) => `${asWord(word)}${aboutText(about)}`);
	if (files) lines.unshift(':files');
	if (shown.length > 0 && shown.every(({ word }) => word.endsWith('='))) lines.unshift(':nospace');
	return lines.map((text) => `${text}\n`).join('');
}

/** A name may come from a peer: what would be more than a word of one line is not offered. */
function isPlain(word: string): boolean {
	return word !== '' && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(word) && !word.startsWith(':');
}

function aboutText(about: Candidate['about']): string {
	const [sentence = ''] = (about ?? '').split(/\n|(?<=\.)\s/);
	const text = sentence.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').trim();
	return text === '' ? '' : `\t${text.slice(0, 100)}`;
}
