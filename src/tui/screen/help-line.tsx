import type { ReactElement } from 'react';
import { visibleLine } from '../../cli/visible-text.ts';
import { type Binding, keyLabel, shortBindings } from '../keys/key-map.ts';
import { clip, columnsOf } from '../text/columns.ts';
import { toned } from '../text/tone.ts';
import { CommandMode } from '../view/modes/command-mode.ts';
import { DetailMode } from '../view/modes/detail-mode.ts';
import type { Ui } from '../view/ui.ts';
import { Line } from './line.tsx';

/** The keys of what is focused; for a command that is typed, how it goes on or what is wrong with it. */
export function HelpLine({ ui, width }: { readonly ui: Ui; readonly width: number }): ReactElement {
	const { mode } = ui;
	if (mode instanceof CommandMode) {
		const { fault, candidates, usage, input } = mode;
		if (fault) return <Line text={` ${toned(clip(visibleLine(fault), width - 1), 'bad')}`} />;
		if (candidates.length > 0 && !(candidates.length === 1 && input.text.endsWith(candidates[0] ?? '')))
			return <Line text={` ${toned(clip(visibleLine(candidates.join('  ')), width - 1), 'dim')}`} />;
		if (usage) return <Line text={` ${toned(clip(usage, width - 1), 'dim')}`} />;
	}
	const pane = mode instanceof DetailMode ? mode.pane : ui.pane;
	return <Line text={fitting(shortBindings(mode.place, pane), width)} />;
}

/** The keys that have room. Help and quit always have. */
function fitting(bindings: readonly Binding[], width: number): string {
	const always = bindings.filter(({ action }) => action === 'help' || action === 'quit');
	const others = bindings.filter((binding) => !always.includes(binding));
	for (let count = others.length; count > 0; count--) {
		const text = keysText([...others.slice(0, count), ...always]);
		if (columnsOf(text) <= width) return text;
	}
	return keysText(always);
}

function keysText(bindings: readonly Binding[]): string {
	return ` ${bindings
		.map(({ keys, short = '' }) => `${toned(keyLabel(keys[0] ?? ''), 'accent')} ${toned(short, 'dim')}`)
		.join('  ')}`;
}
