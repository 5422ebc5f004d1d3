import { formatAge as formatSpacedAge } from '../../cli/format-age.ts';

/** Milliseconds in at most six columns: `0.42ms`, `12ms`, `3.4s`, `2m10s`. */
export function formatMs(ms: number | undefined): string {
	if (ms === undefined || !Number.isFinite(ms)) return '–';
	if (ms < 10) return `${ms < 1 ? ms.toFixed(2) : ms.toFixed(1)}ms`;
	if (ms < 999.5) return `${Math.round(ms)}ms`;
	if (ms < 100_000) return `${(ms / 1000).toFixed(1)}s`;
	return formatAge(ms);
}

/** A duration in at most five columns: `12s`, `3m`, `5h`, `2d`. */
export function formatAge(ms: number): string {
	return formatSpacedAge(ms, ['s', 'm', 'h', 'd']);
}

/** A number of things in at most five columns: `7`, `0.3`, `1.2k`, `34M`. */
export function formatCount(count: number): string {
	if (count < 999.5) return Number.isInteger(count) ? String(count) : count.toFixed(count < 100 ? 1 : 0);
	const units = ['k', 'M', 'G', 'T'];
	let value = count / 1000;
	let unit = 0;
	while (value >= 999.5 && unit < units.length - 1) {
		value /= 1000;
		unit++;
	}
	return `${value.toFixed(value < 99.95 ? 1 : 0)}${units[unit]}`;
}

/** Bytes in at most five columns: `512B`, `1.2K`, `64M`, `3.1G`. */
export function formatBytes(bytes: number): string {
	if (bytes < 1024) return `${Math.round(bytes)}B`;
	const units = ['K', 'M', 'G', 'T'];
	let value = bytes / 1024;
	let unit = 0;
	while (value >= 1000 && unit < units.length - 1) {
		value /= 1024;
		unit++;
	}
	return `${value < 10 ? value.toFixed(1) : Math.round(value)}${units[unit]}`;
}

/** The time of day here, to the second, or with `ms` to the millisecond. */
export function formatClock(time: number, ms = false): string {
	const date = new Date(time);
	const two = (value: number) => String(value).padStart(2, '0');
	const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
	return ms ? `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}` : clock;
}
