import type { DurationSummary } from '../toolchain/bench/duration-histogram.ts';
import type { CallMeasurement } from '../toolchain/bench/measure-calls.ts';
import { style } from './style.ts';
import { formatTable } from './table.ts';
import { visibleLine } from './visible-text.ts';

/** Columns of the longest bar of a histogram. */
const barColumns = 40;

/** Eighths of a column. */
const partBars = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Formats the measured durations of calls, for a person. */
export function formatMeasurement(
	measured: CallMeasurement,
	setup: { readonly connectMs?: number; readonly tlsMs?: number },
	withHistogram: boolean,
): string {
	const { calls, perSecond, durationMs, stream } = measured;
	const seconds = (durationMs / 1000).toFixed(1);
	const lines = [`${style.bold(`${formatCount(perSecond)} calls/s`)}  ${calls} answered in ${seconds} s`];
	if (stream) {
		const perSecondOf = (count: number) => formatCount(durationMs === 0 ? 0 : (count * 1000) / durationMs);
		lines.push(`${perSecondOf(stream.chunks)} chunks/s  ${perSecondOf(stream.bytes / 1e6)} MB/s`);
	}
	lines.push(...problems(measured));
	const rows: [string, DurationSummary | undefined][] = [
		['latency', measured.latencyMs],
		['first chunk', stream?.firstChunkMs],
		['queue', measured.queueMs],
		[measured.handlerMs ? 'wire' : 'wire and handler', measured.wireMs],
		['handler', measured.handlerMs],
	];
	const told = rows.flatMap(([name, summary]) => (summary ? [[name, ...cells(summary)]] : []));
	if (told.length > 0) lines.push('', formatTable(['ms', 'mean', 'p50', 'p90', 'p99', 'p99.9', 'max'], told));
	if (setup.connectMs !== undefined) {
		const tls = setup.tlsMs === undefined ? '' : ` · TLS ${formatMs(setup.tlsMs)} ms`;
		lines.push('', style.dim(`once: connect ${formatMs(setup.connectMs)} ms${tls}`));
	}
	if (withHistogram && measured.histogram.length > 0) lines.push('', formatHistogram(measured));
	return lines.join('\n');
}

function problems({ failed, unfinished, notStarted, interrupted, errors }: CallMeasurement): string[] {
	const lines: string[] = [];
	if (interrupted) lines.push(style.yellow('stopped before its time'));
	if (failed > 0) lines.push(style.red(`${failed} failed`));
	for (const { code, message, count } of errors)
		lines.push(`  ${count} × ${visibleLine(code)}: ${visibleLine(message)}`);
	if (unfinished > 0) lines.push(style.yellow(`${unfinished} had no answer when the time was up`));
	if (notStarted > 0)
		lines.push(
			style.yellow(
				`${notStarted} were due and could not begin: the target is slower than --rate, or --concurrency is too low`,
			),
		);
	return lines;
}

function cells({ mean, p50, p90, p99, p999, max }: DurationSummary): string[] {
	return [mean, p50, p90, p99, p999, max].map(formatMs);
}

/** Bars of the durations: one line a range, as long as it has calls. */
function formatHistogram({ histogram }: CallMeasurement): string {
	const most = Math.max(...histogram.map(({ count }) => count));
	const names = histogram.map(({ toMs }) => `≤ ${formatMs(toMs)}`);
	const width = Math.max(...names.map(({ length }) => length));
	return histogram
		.map(({ count }, i) => `${(names[i] ?? '').padStart(width)} ms ${style.cyan(bar(count / most))} ${count}`)
		.join('\n');
}

function bar(share: number): string {
	const eighths = Math.round(share * barColumns * 8);
	return '█'.repeat(eighths >> 3) + (partBars[eighths & 7] ?? '');
}

function formatMs(ms: number): string {
	if (ms < 1) return ms.toFixed(3);
	if (ms < 100) return ms.toFixed(2);
	return ms.toFixed(0);
}

function formatCount(count: number): string {
	return count < 100 ? count.toFixed(1) : Math.round(count).toString();
}
