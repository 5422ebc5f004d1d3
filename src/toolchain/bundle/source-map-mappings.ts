import { decode, encode, type SourceMapMappings } from '@jridgewell/sourcemap-codec';

/** A place in a line of made code, and where it comes from; all from 0. */
export type Segment = readonly [column: number, source: number, line: number, sourceColumn: number];

/** The segments of each line that the `mappings` of a source map have, without those that lead nowhere and without names. */
export function decodeMappings(mappings: string): Segment[][] {
	return decode(mappings).map((line) =>
		line.flatMap(([column, source, row, from]): Segment[] =>
			source === undefined || row === undefined || from === undefined ? [] : [[column, source, row, from]],
		),
	);
}

/** The other way round. */
export function encodeMappings(lines: readonly (readonly Segment[])[]): string {
	// It only reads them.
	return encode(lines as SourceMapMappings);
}
