import type { ReactElement } from 'react';
import { visibleLine } from '../../cli/visible-text.ts';
import { clip } from '../text/columns.ts';
import { toned } from '../text/tone.ts';
import { detailLines } from '../view/detail-section.ts';
import { Lines } from './line.tsx';
import type { ViewProps } from './view-props.ts';

/** Shows the selected item beside its list: where the terminal is wide. */
export function Preview({ ui, width, height }: ViewProps): ReactElement {
	const { list, snapshot } = ui;
	const item = list.item(snapshot);
	const room = width - 3;
	const lines =
		item === undefined
			? []
			: [
					toned(clip(visibleLine(list.pane.heading(item)), room), 'strong'),
					'',
					...detailLines(list.pane.detail(item, snapshot), room),
				];
	const edge = toned('│', 'dim');
	const all = Array.from({ length: height }, (_, i) => `${edge} ${lines[i] ?? ''}`);
	return <Lines lines={all} height={height} />;
}
