import { colouredJson } from '../../cli/coloured-json.ts';
import { visible, visibleJson, visibleLine } from '../../cli/visible-text.ts';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import { breakLines, columnsOf } from '../text/columns.ts';
import { type Tone, toned } from '../text/tone.ts';

/** Characters of one value that are shown: more is for a program. */
const maxShown = 64 * 1024;

/** A part of what is opened. What it holds may be a peer's: it is shown escaped. */
export type DetailSection =
	| {
			readonly kind: 'facts';
			readonly facts: readonly (readonly [name: string, value: string, tone?: Tone])[];
	  }
	| { readonly kind: 'text'; readonly title: string; readonly text: string; readonly tone?: Tone }
	| { readonly kind: 'json'; readonly title: string; readonly value: JsonObject }
	| {
			readonly kind: 'bars';
			readonly title: string;
			readonly bars: readonly (readonly [name: string, value: number, text: string])[];
	  };

const indent = '  ';

/** The lines of what is opened, each of at most `width` columns, with a blank line between two sections. */
export function detailLines(sections: readonly DetailSection[], width: number): string[] {
	return sections
		.map((section) => sectionLines(section, width))
		.filter((lines) => lines.length > 0)
		.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

function sectionLines(section: DetailSection, width: number): string[] {
	switch (section.kind) {
		case 'facts':
			return factLines(section.facts, width);
		case 'text': {
			const { title, text, tone = 'plain' } = section;
			const lines = breakLines(
				visible(shortened(text)).replaceAll('\t', '    ').trimEnd(),
				width - indent.length,
				'words',
			);
			return [toned(title, 'strong'), ...lines.map((line) => indent + toned(line, tone))];
		}
		case 'json': {
			const json = visibleJson(shortened(JSON.stringify(section.value, null, 2)));
			const lines = breakLines(json, width - indent.length);
			return [toned(section.title, 'strong'), ...lines.map((line) => indent + colouredJson(line))];
		}
		case 'bars':
			return barLines(section.title, section.bars, width);
	}
}

function factLines(
	facts: readonly (readonly [name: string, value: string, tone?: Tone])[],
	width: number,
): string[] {
	const shown = facts.filter(([, value]) => value !== '');
	const names = Math.max(0, ...shown.map(([name]) => columnsOf(name))) + 2;
	return shown.flatMap(([name, value, tone = 'plain']) =>
		breakLines(visibleLine(shortened(value)), width - names, 'words').map(
			(line, index) => toned((index === 0 ? name : '').padEnd(names), 'dim') + toned(line, tone),
		),
	);
}

function barLines(
	title: string,
	bars: readonly (readonly [name: string, value: number, text: string])[],
	width: number,
): string[] {
	if (bars.length === 0) return [];
	const names = Math.max(...bars.map(([name]) => name.length)) + 2;
	const texts = Math.max(...bars.map(([, , text]) => text.length)) + 2;
	const room = Math.max(4, Math.min(40, width - indent.length - names - texts));
	const sum = bars.reduce((total, [, value]) => total + value, 0) || 1;
	return [
		toned(title, 'strong'),
		...bars.map(([name, value, text]) => {
			const bar = '█'.repeat(Math.max(value > 0 ? 1 : 0, Math.round((value / sum) * room)));
			return `${indent}${toned(name.padEnd(names), 'dim')}${text.padStart(texts - 2)}  ${toned(bar, 'accent')}`;
		}),
	];
}

function shortened(text: string): string {
	return text.length <= maxShown ? text : `${text.slice(0, maxShown)}…`;
}
