/** The words after the number of seconds, minutes, hours and days. */
type AgeUnits = readonly [second: string, minute: string, hour: string, day: string];

/** A duration, as people read it: `12 s`, `3 min`, `5 h`, `2 d`. */
export function formatAge(
	ms: number,
	[second, minute, hour, day]: AgeUnits = [' s', ' min', ' h', ' d'],
): string {
	const seconds = Math.max(0, Math.floor(ms / 1000));
	if (seconds < 120) return `${seconds}${second}`;
	if (seconds < 7200) return `${Math.floor(seconds / 60)}${minute}`;
	if (seconds < 172_800) return `${Math.floor(seconds / 3600)}${hour}`;
	return `${Math.floor(seconds / 86_400)}${day}`;
}
