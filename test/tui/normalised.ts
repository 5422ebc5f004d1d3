/** A screen without what differs from run to run: ports, times, ages, rates. Columns stay where they are. */
export function normalised(text: string, address: string): string {
	const port = address.replace(/^.*:/, '');
	return text
		.replaceAll(port, '0'.repeat(port.length))
		.replace(/\b\d\d:\d\d:\d\d(\.\d{3})?\b/g, (clock) => clock.replace(/\d/g, '0'))
		.replace(/(?<=running)( +)(\d+)[sm]\b/g, (all) => '#'.padStart(all.length))
		.replace(/process \d+, event loop lag.*/g, 'process #')
		.replace(/, for \d+[sm]/g, ', for #')
		.replace(/took( +)[\d.]+m?s/g, 'took$1#')
		.replace(/ +\d+ under way .*(?=● live)/g, '  (figures)  ')
		.replace(/(?<=failed)( +)[\d.]+ms\b/g, (all) => '#'.padStart(all.length));
}
