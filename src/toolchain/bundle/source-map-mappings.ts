/** A place in a line of made code, and where it comes from; all from 0. */
export type Segment = readonly [column: number, source: number, line: number, sourceColumn: number];

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const values = new Map([...digits].map((digit, value) => [digit, value]));

/** The segments of each line that the `mappings` of a source map have, without those that lead nowhere and without names. */
export function decodeMappings(mappings: string): Segment[][] {
	let [source, row, from] = [0, 0, 0];
	return mappings.split(';').map((text) => {
		const line: Segment[] = [];
		let column = 0;
		for (const part of text === '' ? [] : text.split(',')) {
			const [byColumn = 0, bySource, byRow = 0, byFrom = 0] = decodeNumbers(part);
			column += byColumn;
			if (bySource === undefined) continue;
			source += bySource;
			row += byRow;
			from += byFrom;
			line.push([column, source, row, from]);
		}
		return line;
	});
}

/** The other way round. */
export function encodeMappings(lines: readonly (readonly Segment[])[]): string {
	let before: Segment = [0, 0, 0, 0];
	return lines
		.map((line) => {
			before = [0, before[1], before[2], before[3]];
			return line
				.map((segment) => {
					const text = segment.map((value, i) => encodeNumber(value - (before[i] ?? 0))).join('');
					before = segment;
					return text;
				})
				.join(',');
		})
		.join(';');
}

function decodeNumbers(text: string): number[] {
	const numbers: number[] = [];
	let [value, shift] = [0, 0];
	for (const digit of text) {
		const bits = values.get(digit) ?? 0;
		value |= (bits & 31) << shift;
		shift += 5;
		if ((bits & 32) !== 0) continue;
		// The lowest bit is the sign.
		numbers.push(value & 1 ? -(value >>> 1) : value >>> 1);
		[value, shift] = [0, 0];
	}
	return numbers;
}

function encodeNumber(value: number): string {
	let rest = value < 0 ? (-value << 1) | 1 : value << 1;
	let text = '';
	do {
		const bits = rest & 31;
		rest >>>= 5;
		text += digits[rest > 0 ? bits | 32 : bits];
	} while (rest > 0);
	return text;
}
