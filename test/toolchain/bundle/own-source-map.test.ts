import { SourceMap } from 'node:module';
import { expect, test } from 'vitest';
import { ownSourceMap } from '../../../src/toolchain/bundle/own-source-map.ts';
import { decodeMappings, encodeMappings } from '../../../src/toolchain/bundle/source-map-mappings.ts';

test('mappings are read and written again as they were', () => {
	const lines = [
		[
			[0, 0, 0, 0],
			[4, 1, 70_000, 3],
			[900, 0, 2, 17],
		],
		[],
		[[3, 1, 0, 0]],
	] as const;
	expect(decodeMappings(encodeMappings(lines))).toEqual(lines);
	// A name, and a place that leads nowhere.
	expect(decodeMappings('AAAAA,I,CACA')).toEqual([
		[
			[0, 0, 0, 0],
			[5, 0, 1, 0],
		],
	]);
});

test('only the author’s own code is mapped to a line of his, also where all of it stands in one line', () => {
	const whole = JSON.stringify({
		version: 3,
		sources: ['node_modules/zod/index.js', 'src/main.ts', 'orchestra-entry.mjs'],
		sourcesContent: ['secret', 'secret', 'secret'],
		names: [],
		mappings: encodeMappings([
			[[0, 0, 5, 0]],
			[
				[0, 1, 9, 2],
				[10, 0, 7, 0],
				[15, 0, 8, 0],
				[20, 1, 11, 4],
				[30, 2, 0, 0],
			],
		]),
	});
	const text = ownSourceMap(whole, '../');
	expect(text).not.toContain('secret');
	const map = new SourceMap(JSON.parse(text));
	const at = (line: number, column: number) => {
		const { originalSource, originalLine } = map.findEntry(line, column) as {
			originalSource?: string;
			originalLine?: number;
		};
		return `${originalSource}:${originalLine}`;
	};
	expect([at(1, 3), at(1, 12), at(1, 17), at(1, 25), at(1, 40)]).toEqual([
		'src/main.ts:9',
		'node_modules/bundled:0',
		'node_modules/bundled:0',
		'src/main.ts:11',
		'node_modules/bundled:0',
	]);
});
