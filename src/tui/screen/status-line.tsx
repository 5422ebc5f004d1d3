import type { ReactElement } from 'react';
import { visibleLine } from '../../cli/visible-text.ts';
import { clip, columnsOf } from '../text/columns.ts';
import { formatCount } from '../text/quantities.ts';
import { toned } from '../text/tone.ts';
import { CommandMode } from '../view/modes/command-mode.ts';
import { ConfirmMode } from '../view/modes/confirm-mode.ts';
import { FilterMode } from '../view/modes/filter-mode.ts';
import { ListMode } from '../view/modes/list-mode.ts';
import type { Ui } from '../view/ui.ts';
import { inputText } from './input-text.ts';
import { Line } from './line.tsx';
import { spread } from './spread.ts';

/** Shows a question, a typed command or a message; else the selected item. */
export function StatusLine({ ui, width }: { readonly ui: Ui; readonly width: number }): ReactElement {
	return <Line text={statusText(ui, width)} />;
}

function statusText(ui: Ui, width: number): string {
	const { mode, notice, snapshot } = ui;
	if (mode instanceof ConfirmMode) return ` ${toned(clip(visibleLine(mode.question), width - 1), 'warn')}`;
	if (mode instanceof CommandMode) return ` ${toned(':', 'accent')}${inputText(mode.input, width - 3)}`;
	if (mode instanceof FilterMode) {
		const count = toned(countText(ui), 'dim');
		return spread(
			` ${toned('/', 'accent')}${inputText(mode.input, width - columnsOf(count) - 5)}`,
			`${count} `,
			width,
		);
	}
	if (notice) return ` ${toned(clip(visibleLine(notice.text), width - 1), notice.tone)}`;
	if (snapshot.link.state === 'lost')
		return ` ${toned(clip(`trying again: ${visibleLine(snapshot.link.reason)}`, width - 1), 'bad')}`;
	return mode instanceof ListMode ? listText(ui, width) : '';
}

function listText(ui: Ui, width: number): string {
	const { list, snapshot } = ui;
	const item = list.item(snapshot);
	const marks = [
		list.restricted ? 'failures only' : '',
		list.filter ? `/${visibleLine(list.filter)}` : '',
		list.restricted || list.filter ? countText(ui) : '',
		list.pane.grows && list.follows ? 'following' : '',
		streamText(ui),
	]
		.filter(Boolean)
		.join(' · ');
	const right =
		marks === ''
			? ''
			: `${toned(clip(marks, width - 2), list.filter || list.restricted ? 'accent' : 'dim')} `;
	const problem = snapshot.problems.get(list.pane.name);
	if (problem)
		return spread(
			` ${toned(clip(visibleLine(problem), width - columnsOf(right) - 3), 'warn')}`,
			right,
			width,
		);
	const summary = item === undefined ? '' : visibleLine(list.pane.summary(item, snapshot));
	return spread(` ${toned(clip(summary, width - columnsOf(right) - 3), 'dim')}`, right, width);
}

/** The rate of events, and what was missed of them. */
function streamText({ pane, snapshot }: Ui): string {
	if (pane !== 'events') return '';
	const { eventsPerSecond, eventsMissed } = snapshot.totals;
	const missed = eventsMissed > 0 ? ` · ${formatCount(eventsMissed)} missed` : '';
	return `${formatCount(eventsPerSecond)}/s${missed}`;
}

function countText({ list, snapshot }: Ui): string {
	return `${list.rows(snapshot).length} of ${list.pane.items(snapshot).length}`;
}
