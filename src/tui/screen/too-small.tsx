import type { ReactElement } from 'react';
import type { ScreenSize } from '../terminal/screen-stream.ts';
import { breakLines } from '../text/columns.ts';
import { Lines } from './line.tsx';

/** The least that the interface can be laid out on. */
export const leastSize: ScreenSize = { columns: 40, rows: 10 };

/** Shows a message on a terminal that is too small for anything else. */
export function TooSmall({ columns, rows }: ScreenSize): ReactElement {
	const text = `${columns}×${rows} is too small: ${leastSize.columns}×${leastSize.rows} is needed. q quits.`;
	return <Lines lines={breakLines(text, Math.max(1, columns - 1), 'words')} height={Math.max(1, rows - 1)} />;
}
