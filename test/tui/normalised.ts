/** A screen without what differs from run to run: addresses, times, ages. Columns stay where they are. */
export function normalised(text: string, address: string): string {
	const port = address.replace(/^.*:/, '');
	return text
		.replaceAll(port, '0'.repeat(port.length))
		.replace(/\b\d\d:\d\d:\d\d(\.\d{3})?\b/g, (clock) => clock.replace(/\d/g, '0'))
		.replace(/(running|failed)( +)\d+s/g, (_, state: string, blanks: string) => `${state}${blanks}0s`)
		.replace(/for \d+s/g, 'for 0s')
		.replace(/(?<= {2,})\d+(\.\d+)?(ms|s)\b/g, (time) => '#'.repeat(time.length));
}
