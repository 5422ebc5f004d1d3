import type { ReactElement } from 'react';
import { visibleLine } from '../../cli/visible-text.ts';
import { clip } from '../text/columns.ts';
import { chosen, toned } from '../text/tone.ts';
import { placeColumns, rowLine, titleLine } from '../view/column.ts';
import type { Ui } from '../view/ui.ts';
import { Lines } from './line.tsx';
import type { ViewProps } from './view-props.ts';

/** Columns before each row: for the mark of the selected one. */
const margin = 2;

/** The rows of the pane that is shown. */
export function ListView({ ui, width, height }: ViewProps): ReactElement {
	const { list, snapshot } = ui;
	const { pane } = list;
	const columns = placeColumns(pane.columns, width - margin - 1);
	const rows = list.rows(snapshot);
	const selected = list.index(snapshot);
	const room = height - 1;
	const from = list.offset(snapshot, room);
	const lines = rows.slice(from, from + room).map((row, i) => {
		const isSelected = from + i === selected;
		const text = rowLine(columns, row, snapshot.now, !isSelected);
		return isSelected ? chosen(`▸ ${text} `) : `  ${text}`;
	});
	const heads = `  ${toned(titleLine(columns), 'dim')}`;
	const empty = rows.length === 0 ? ['', `  ${toned(clip(emptyText(ui), width - margin), 'dim')}`] : [];
	return <Lines lines={[heads, ...lines, ...empty]} height={height} />;
}

function emptyText({ list, snapshot }: Ui): string {
	const problem = snapshot.problems.get(list.pane.name);
	if (problem) return visibleLine(problem);
	if (list.pane.items(snapshot).length === 0)
		return snapshot.link.state === 'opening' ? 'Opening …' : list.pane.empty;
	return list.restricted
		? 'No call has failed. Esc shows all.'
		: `Nothing has “${visibleLine(list.filter)}” in it. Esc shows all.`;
}
