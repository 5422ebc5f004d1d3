import type { ReactElement } from 'react';
import { visibleLine } from '../../cli/visible-text.ts';
import type { TerminalChoice } from '../feed/terminals.ts';
import { clip, columnsOf, filled } from '../text/columns.ts';
import { formatBytes } from '../text/quantities.ts';
import { chosen, toned } from '../text/tone.ts';
import type { TerminalsMode } from '../view/modes/terminals-mode.ts';
import { Lines } from './line.tsx';

/** Columns of what names a terminal, at most. */
const mostName = 36;

/** The choice of a terminal. */
export function TerminalsView({
	mode,
	width,
	height,
}: {
	readonly mode: TerminalsMode;
	readonly width: number;
	readonly height: number;
}): ReactElement {
	const rows = mode.rows(height - 1);
	const most = Math.min(mostName, Math.floor(width / 2));
	const names = Math.min(most, Math.max(0, ...rows.map((choice) => columnsOf(nameOf(choice)))));
	const lines = rows.map((choice) => {
		const name = filled(clip(nameOf(choice), names), names);
		const about = filled(factsOf(choice), Math.max(0, width - names - 6));
		return choice === mode.selected ? chosen(`▸ ${name}  ${about} `) : `  ${name}  ${toned(about, 'dim')}`;
	});
	const how = toned(clip('⏎ takes the whole terminal, ctrl+] comes back here', width - 12), 'dim');
	return <Lines lines={[` ${toned('Terminals', 'strong')}  ${how}`, ...lines]} height={height} />;
}

function nameOf(choice: TerminalChoice): string {
	return visibleLine(
		choice.kind === 'session'
			? choice.session.id
			: `new ${choice.resource.plugin}/${choice.resource.resource}`,
	);
}

function factsOf(choice: TerminalChoice): string {
	if (choice.kind === 'resource') {
		const { defaultCommand, description } = choice.resource;
		return visibleLine([description, defaultCommand.join(' ')].filter(Boolean).join(' · '));
	}
	const { viewers, command, plugin, resource, outputBytes } = choice.session;
	const watched = viewers > 0 ? `${viewers} attached` : 'detached';
	return visibleLine(
		[watched, command.join(' '), `${plugin}/${resource}`, formatBytes(outputBytes).trim()].join(' · '),
	);
}
