import type { Key } from '../keys/key.ts';

/** Characters of a text that is typed, at most. */
const maxLength = 64 * 1024;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A line of text that is being typed, with its cursor. */
export class TextInput {
	#before: string;
	#after = '';

	constructor(text = '') {
		this.#before = text;
	}

	get text(): string {
		return this.#before + this.#after;
	}

	/** Text before the cursor. */
	get before(): string {
		return this.#before;
	}

	/** Text at the cursor and behind it. */
	get after(): string {
		return this.#after;
	}

	set(text: string): void {
		this.#before = text.slice(0, maxLength);
		this.#after = '';
	}

	/** Takes a key. False where it means nothing in a text. */
	press({ name, text }: Key): boolean {
		switch (name) {
			case 'backspace':
				this.#before = this.#before.slice(0, this.#before.length - lastOf(this.#before).length);
				return true;
			case 'left': {
				const last = lastOf(this.#before);
				this.#before = this.#before.slice(0, this.#before.length - last.length);
				this.#after = last + this.#after;
				return true;
			}
			case 'right': {
				const [first] = graphemes.segment(this.#after);
				this.#before += first?.segment ?? '';
				this.#after = this.#after.slice(first?.segment.length ?? 0);
				return true;
			}
			case 'home':
			case 'ctrl+a':
				this.#after = this.text;
				this.#before = '';
				return true;
			case 'end':
			case 'ctrl+e':
				this.set(this.text);
				return true;
			case 'ctrl+u':
				this.#before = '';
				return true;
			case 'ctrl+w':
				this.#before = this.#before.replace(/\S*\s*$/, '');
				return true;
		}
		if (text === '') return false;
		this.#before += text.slice(0, Math.max(0, maxLength - this.text.length));
		return true;
	}
}

function lastOf(text: string): string {
	// A joined character is short: the text before its end need not be looked at.
	return [...graphemes.segment(text.slice(-64))].at(-1)?.segment ?? '';
}
