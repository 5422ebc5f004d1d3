import type { ReactElement } from 'react';
import { columnsOf } from '../text/columns.ts';
import { formatCount } from '../text/quantities.ts';
import { chosen, toned } from '../text/tone.ts';
import { panes, shownPanes } from '../view/panes/panes.ts';
import type { Ui } from '../view/ui.ts';
import { Line } from './line.tsx';

/** The panes and their digits; the one that is shown stands out. */
export function Tabs({ ui, width }: { readonly ui: Ui; readonly width: number }): ReactElement {
	const names = shownPanes(ui.snapshot);
	const shown = names.indexOf(ui.pane);
	const forms = [
		names.map((name, index) => {
			const count = panes[name].count(ui.snapshot);
			return [`${index + 1} ${panes[name].title}`, count > 0 ? ` ${formatCount(count)}` : ''] as const;
		}),
		names.map((name, index) => [`${index + 1} ${panes[name].shortTitle}`, ''] as const),
		names.map((name, index) => [`${index + 1}${panes[name].shortTitle}`, ''] as const),
		// The last one needs the least: the digits are enough to find the others.
		names.map((name, index) => [`${index + 1}${index === shown ? panes[name].shortTitle : ''}`, ''] as const),
	];
	const gaps = [1, 1, -1, -1];
	const fits = forms.findIndex((form, i) => columnsOf(line(form, shown, gaps[i] ?? 0)) <= width);
	const index = fits < 0 ? forms.length - 1 : fits;
	return <Line text={line(forms[index] ?? [], shown, gaps[index] ?? 0)} />;
}

function line(
	form: readonly (readonly [title: string, count: string])[],
	shown: number,
	gap: number,
): string {
	return form
		.map(([title, count], index) => {
			// Without a gap there is one blank between two, which the shown one takes.
			const before = gap >= 0 || index === 0 ? ' ' : '';
			if (index === shown) return chosen(`${before}${title}${count} `);
			return `${before}${title}${toned(count, 'dim')} `;
		})
		.join(' '.repeat(Math.max(0, gap)));
}
