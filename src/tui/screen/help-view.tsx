import type { ReactElement } from 'react';
import { clip, filled } from '../text/columns.ts';
import { toned } from '../text/tone.ts';
import type { HelpMode } from '../view/modes/help-mode.ts';
import { inputText } from './input-text.ts';
import { Lines } from './line.tsx';
import { spread } from './spread.ts';

/** Columns of the keys. */
const keysWidth = 14;

/** All keys. */
export function HelpView({
	mode,
	width,
	height,
}: {
	readonly mode: HelpMode;
	readonly width: number;
	readonly height: number;
}): ReactElement {
	const room = height - 1;
	const { lines, from, of } = mode.lines(room);
	const place = of > room ? toned(`${from + 1}–${Math.min(of, from + room)} of ${of} `, 'dim') : '';
	const search = mode.input.text === '' ? toned('type to search', 'dim') : inputText(mode.input, width - 30);
	const heading = spread(` ${toned('Keys', 'strong')}  ${search}`, place, width);
	const shown = lines.map(({ heading: isHeading, keys, text }) =>
		isHeading
			? ` ${toned(text, 'strong')}`
			: `   ${toned(filled(keys, keysWidth), 'accent')} ${clip(text, width - keysWidth - 5)}`,
	);
	const nothing = lines.length === 0 ? [`   ${toned('No key does that.', 'dim')}`] : [];
	return <Lines lines={[heading, ...shown, ...nothing]} height={height} />;
}
