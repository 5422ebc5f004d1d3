import type { ReactElement } from 'react';
import { visibleLine } from '../../cli/visible-text.ts';
import { clip, columnsOf, filled } from '../text/columns.ts';
import { toned } from '../text/tone.ts';
import type { FormField, FormMode } from '../view/modes/form-mode.ts';
import { inputText } from './input-text.ts';
import { Lines } from './line.tsx';

/** Columns of an argument's name, at most. */
const mostName = 20;

/** The form of a call. */
export function FormView({
	mode,
	width,
	height,
}: {
	readonly mode: FormMode;
	readonly width: number;
	readonly height: number;
}): ReactElement {
	const { tool, fields, index, fault } = mode;
	const head = [
		` ${toned(`Call ${visibleLine(tool.name)}`, 'strong')}  ${toned(clip(visibleLine(tool.description), width - 10 - columnsOf(tool.name)), 'dim')}`,
	];
	if (fault) head.push(`  ${toned(clip(visibleLine(fault), width - 3), 'bad')}`);
	if (fields.length === 0) head.push(`  ${toned('It takes no arguments: ⏎ calls it.', 'dim')}`);
	const names = Math.min(mostName, Math.max(0, ...fields.map(({ parameter }) => columnsOf(parameter.name))));
	const blocks = fields.map((field, i) => fieldLines(field, i === index, names, width));
	const room = height - head.length;
	return <Lines lines={[...head, ...around(blocks, index, room)]} height={height} />;
}

function fieldLines(
	{ parameter, input, fault }: FormField,
	focused: boolean,
	names: number,
	width: number,
): string[] {
	const { name, required, type, choices, constraints, description } = parameter;
	const mark = focused ? toned('▸', 'accent') : ' ';
	const star = required ? toned('*', 'warn') : ' ';
	const label = filled(name, names);
	const room = Math.max(8, width - names - 7);
	const empty = parameter.default === undefined ? '' : parameter.default;
	const value =
		input.text === '' && !focused
			? toned(clip(empty, room), 'dim')
			: inputText(input, room, focused) +
				(input.text === '' ? toned(` ${clip(empty, room - 2)}`, 'dim') : '');
	const about = [
		required ? 'required' : '',
		choices.length > 0 ? `${choices.join(' | ')} (← →)` : type,
		...constraints,
		empty === '' ? '' : `default ${empty}`,
		visibleLine(description),
	]
		.filter(Boolean)
		.join(' · ');
	const lines = [`${mark}${star}${focused ? toned(label, 'strong') : label}  ${value}`];
	const indent = ' '.repeat(names + 4);
	if (fault) lines.push(`${indent}${toned(clip(`✗ ${visibleLine(fault)}`, room), 'bad')}`);
	if (focused || !fault) lines.push(`${indent}${toned(clip(about, room), 'dim')}`);
	return lines;
}

/** The lines of as many blocks as have room; the one at `index` is among them. */
function around(blocks: readonly (readonly string[])[], index: number, room: number): string[] {
	let from = 0;
	const heightTo = (end: number) => blocks.slice(from, end + 1).reduce((sum, block) => sum + block.length, 0);
	while (from < index && heightTo(index) > room) from++;
	return blocks.slice(from).flat();
}
