import { visibleLine } from '../../cli/visible-text.ts';
import { columnsOf } from '../text/columns.ts';
import { chosen } from '../text/tone.ts';
import type { TextInput } from '../view/text-input.ts';

/** A text that is typed, with its cursor, in at most `width` columns: the part of it around the cursor. */
export function inputText(input: TextInput, width: number, focused = true): string {
	if (!focused) return tail(visibleLine(input.text), width);
	const before = tail(visibleLine(input.before), width - 2);
	const after = visibleLine(input.after);
	const [at = ' ', ...rest] = after;
	const cursor = chosen(at);
	// Without colours nothing would show where it is.
	const shown = cursor === at ? `▏${at}` : cursor;
	let more = '';
	for (const char of rest) {
		if (columnsOf(before) + columnsOf(at) + 1 + columnsOf(more + char) > width) break;
		more += char;
	}
	return before + shown + more;
}

function tail(text: string, width: number): string {
	if (columnsOf(text) <= width) return text;
	let kept = '';
	for (const char of [...text].reverse()) {
		if (columnsOf(char + kept) > width - 1) break;
		kept = char + kept;
	}
	return `…${kept}`;
}
