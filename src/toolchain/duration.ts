const units: Readonly<Record<string, number>> = {
	ms: 1,
	s: 1_000,
	m: 60_000,
	h: 3_600_000,
	d: 86_400_000,
};

/** Milliseconds of the longest duration: 1,000 years. More is a slip of the hand, and no timer's business. */
const maxMs = 365_250 * 86_400_000;

/**
 * Reads `500ms`, `5s`, `2m`, `1h`, `10d`, or a bare number with `defaultUnit`.
 *
 * @returns milliseconds, more than 0; undefined where the text is no duration
 */
export function readDuration(text: string, defaultUnit?: 's'): number | undefined {
	const parts = /^(\d{1,15}(?:\.\d{1,15})?)(ms|s|m|h|d)?$/.exec(text.trim());
	const unit = parts?.[2] ?? defaultUnit;
	const value = parts && unit ? Number(parts[1]) * (units[unit] ?? Number.NaN) : Number.NaN;
	return value > 0 && value <= maxMs ? value : undefined;
}
