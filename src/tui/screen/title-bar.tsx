import type { ReactElement } from 'react';
import { visibleLine } from '../../cli/visible-text.ts';
import { clip, columnsOf } from '../text/columns.ts';
import { formatBytes, formatCount, formatMs } from '../text/quantities.ts';
import { toned } from '../text/tone.ts';
import type { Ui } from '../view/ui.ts';
import { Line } from './line.tsx';
import { spread } from './spread.ts';

/** Columns under which our own name is left out. */
const narrow = 60;

/** Columns from which on the server's own figures have room. */
const roomy = 110;

/** Shows the subject, how it is connected, and the figures that matter everywhere. */
export function TitleBar({ ui, width }: { readonly ui: Ui; readonly width: number }): ReactElement {
	const right = [figures(ui, width), linkText(ui)].filter(Boolean);
	let shown = right.join('  ');
	const title = visibleLine(ui.feed.title);
	if (columnsOf(shown) + 24 > width) shown = linkText(ui);
	// On a narrow terminal what is shown matters more than by what.
	const name = width < narrow ? '' : 'orchestra  ';
	const room = width - columnsOf(shown) - name.length - 3;
	const left = ` ${toned(name, 'strong')}${toned(clip(title, room), 'dim')}`;
	return <Line text={spread(left, `${shown} `, width)} />;
}

function figures({ snapshot }: Ui, width: number): string {
	const { callsUnderWay, callsPerSecond, errors, missed } = snapshot.totals;
	const { server, cluster } = snapshot;
	return [
		toned(`${callsUnderWay} under way`, callsUnderWay > 0 ? 'accent' : 'dim'),
		toned(`${formatCount(callsPerSecond)} calls/s`, 'dim'),
		toned(`${formatCount(errors)} failed`, errors > 0 ? 'bad' : 'dim'),
		server && width >= roomy
			? toned(
					`lag ${formatMs(server.loopLagMs)} · ${formatBytes(server.memoryBytes)}`,
					server.loopLagMs > 100 ? 'warn' : 'dim',
				)
			: '',
		cluster && !cluster.connected ? toned('cut off from NATS', 'bad') : '',
		missed > 0 ? toned(`${formatCount(missed)} missed`, 'warn') : '',
	]
		.filter(Boolean)
		.join(toned(' · ', 'dim'));
}

function linkText({ snapshot, paused }: Ui): string {
	if (paused) return toned('‖ paused', 'warn');
	switch (snapshot.link.state) {
		case 'live':
			return toned('● live', 'good');
		case 'lost':
			return toned('● lost', 'bad');
		case 'stopping':
			return toned('● stopping', 'warn');
		default:
			return toned('○ opening', 'dim');
	}
}
