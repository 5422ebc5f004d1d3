import type { Key as InkKey } from 'ink';
import type { Key } from './key.ts';

/** Sequence that a terminal sends around a pasted text, where it was asked to, without the escape at its start. */
const pasteBegins = '[200~';
const pasteEnds = '[201~';

const named: readonly (readonly [flag: keyof InkKey, name: string])[] = [
	['upArrow', 'up'],
	['downArrow', 'down'],
	['leftArrow', 'left'],
	['rightArrow', 'right'],
	['pageUp', 'pageup'],
	['pageDown', 'pagedown'],
	['home', 'home'],
	['end', 'end'],
	['return', 'enter'],
	['escape', 'esc'],
	['backspace', 'backspace'],
	// Most keyboards send this for it.
	['delete', 'backspace'],
];

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Reads keys from what ink tells. */
export class KeyReader {
	#pasting = false;

	/** The keys of one input: who types fast, or a slow line, brings several at once. */
	read(input: string, key: InkKey): Key[] {
		if (input === pasteBegins || input === pasteEnds) {
			this.#pasting = input === pasteBegins;
			return [];
		}
		if (this.#pasting) return pasted(key.return ? ' ' : input);
		if (key.tab) return [plainKey(key.shift ? 'shift+tab' : 'tab')];
		for (const [flag, name] of named) if (key[flag]) return [plainKey(name)];
		if (key.ctrl) return [plainKey(`ctrl+${input}`)];
		// Esc and the next key, one right after the other: terminals send the same for Alt, which means nothing here.
		if (key.meta) return [plainKey('esc'), ...this.#keys(input)];
		return this.#keys(input);
	}

	#keys(input: string): Key[] {
		return Array.from(graphemes.segment(input), ({ segment }) => keyOf(segment));
	}
}

function plainKey(name: string): Key {
	return { name, text: '' };
}

/** A text that must do nothing but be there: its line ends and other controls are no keys. */
function pasted(input: string): Key[] {
	const text = input.replace(/[\r\n\t]+/g, ' ').replace(/\p{Cc}/gu, '');
	return text === '' ? [] : [{ name: '', text }];
}

function keyOf(char: string): Key {
	switch (char) {
		case '\r':
		case '\n':
		case '\r\n':
			return plainKey('enter');
		case '\t':
			return plainKey('tab');
		case '\x7f':
		case '\b':
			return plainKey('backspace');
	}
	const code = char.codePointAt(0) ?? 0;
	if (code < 32) return plainKey(`ctrl+${String.fromCharCode(code + 96)}`);
	return { name: char, text: char };
}
