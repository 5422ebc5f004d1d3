import type { ReactElement } from 'react';
import { visibleLine } from '../../cli/visible-text.ts';
import { columnsOf, filled } from '../text/columns.ts';
import { chosen, toned } from '../text/tone.ts';
import type { ToolsMode } from '../view/modes/tools-mode.ts';
import { inputText } from './input-text.ts';
import { Lines } from './line.tsx';

/** Columns of a tool's name, at most. */
const mostName = 28;

/** The choice of a tool. */
export function ToolsView({
	mode,
	width,
	height,
}: {
	readonly mode: ToolsMode;
	readonly width: number;
	readonly height: number;
}): ReactElement {
	const rows = mode.rows(height - 1);
	const names = Math.min(mostName, Math.max(0, ...rows.map(({ name }) => columnsOf(visibleLine(name)))));
	const search = mode.input.text === '' ? toned('type to search', 'dim') : inputText(mode.input, width - 30);
	const lines = rows.map((tool) => {
		const name = filled(visibleLine(tool.name), names);
		const about = filled(visibleLine(tool.description), Math.max(0, width - names - 6));
		return tool === mode.selected ? chosen(`▸ ${name}  ${about} `) : `  ${name}  ${toned(about, 'dim')}`;
	});
	const nothing = rows.length === 0 ? [`  ${toned('No tool has that in it.', 'dim')}`] : [];
	return (
		<Lines lines={[` ${toned('Call a tool', 'strong')}  ${search}`, ...lines, ...nothing]} height={height} />
	);
}
