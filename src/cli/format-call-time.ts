import type { CallTime } from '../toolchain/targets/call-time.ts';

/** The parts of a call's time, each with its name for a person. */
export function callTimeRows(time: CallTime): [name: string, ms: string][] {
	const rows: [string, number | undefined][] = [
		['connect', time.connectMs],
		['TLS', time.tlsMs],
		['queue', time.queueMs],
		[time.handlerMs === undefined ? 'wire and handler' : 'wire', time.wireMs],
		['handler', time.handlerMs],
	];
	return rows.flatMap(([name, ms]) => (ms === undefined ? [] : [[name, formatMs(ms)]]));
}

/** The parts on one line: `connect 0.4 ms · TLS 3.1 ms · queue 0.1 ms · wire 0.6 ms · handler 12 ms`. */
export function formatCallTime(time: CallTime): string {
	return callTimeRows(time)
		.map(([name, ms]) => `${name} ${ms}`)
		.join(' · ');
}

function formatMs(ms: number): string {
	return `${ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
