import type { ReactElement } from 'react';
import { visibleLine } from '../../cli/visible-text.ts';
import { clip } from '../text/columns.ts';
import { toned } from '../text/tone.ts';
import type { DetailMode } from '../view/modes/detail-mode.ts';
import { Lines } from './line.tsx';
import { spread } from './spread.ts';

/** One item, opened. */
export function DetailView({
	mode,
	width,
	height,
}: {
	readonly mode: DetailMode;
	readonly width: number;
	readonly height: number;
}): ReactElement {
	const room = height - 1;
	const { lines, from, of } = mode.lines(width - 3, room);
	const place = of > room ? toned(`${from + 1}–${Math.min(of, from + room)} of ${of} `, 'dim') : '';
	const heading = ` ${toned(clip(visibleLine(mode.heading), width - 20), 'strong')}`;
	return (
		<Lines lines={[spread(heading, place, width), ...lines.map((line) => `  ${line}`)]} height={height} />
	);
}
