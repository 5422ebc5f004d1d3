import type { ScaffoldUpdate } from '../toolchain/scaffold/update/plan-update.ts';
import { style } from './style.ts';
import { visible, visibleLine } from './visible-text.ts';

/** Describes the update of a project: a diff of each file, and what is left to its author. */
export function formatUpdate({ changes, conflicts, kept, from, to }: ScaffoldUpdate): string {
	const versions = from.version === to ? `version ${to}` : `version ${from.version} → ${to}`;
	const besides = new Set(conflicts.map(({ beside }) => beside));
	const parts = [`${style.bold(from.id)} ${style.dim(`(template ${from.template}, ${versions})`)}`];
	for (const { file, before, after, diff } of changes) {
		if (besides.has(file)) continue;
		const what = before === undefined ? 'new' : after === undefined ? 'goes' : 'changes';
		parts.push([style.bold(`${file} ${what}`), ...diff.map(formatLine)].join('\n'));
	}
	for (const { file, reasons, beside } of conflicts) {
		const lines = reasons.map((reason) => `  ${visibleLine(reason)}`);
		const title = style.yellow(`! ${file}: you and the template have changed the same; yours stays`);
		parts.push([title, ...lines, `  ${beside} gets what the template has there.`].join('\n'));
	}
	parts.push(...kept.map((text) => style.dim(text)));
	return parts.join('\n\n');
}

/** An update as its JSON document. */
export function updateJson(
	{ dir, from, to, changes, conflicts, kept }: ScaffoldUpdate,
	updated: boolean,
	next: readonly string[],
): Record<string, unknown> {
	const { id, template, runtime, version } = from;
	return {
		dir,
		id,
		template,
		runtime,
		from: version,
		to,
		updated,
		changes: changes.map(({ file, before, after, diff }) => ({
			file,
			action: before === undefined ? 'add' : after === undefined ? 'remove' : 'change',
			diff: diff.join('\n'),
		})),
		conflicts: conflicts.map(({ file, reasons, beside }) => ({ file, reasons, beside })),
		kept,
		next,
	};
}

function formatLine(line: string): string {
	const shown = visible(line);
	if (line.startsWith('@@')) return style.cyan(shown);
	if (line.startsWith('+')) return style.green(shown);
	return line.startsWith('-') ? style.red(shown) : shown;
}
