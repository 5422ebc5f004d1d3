import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { scaffoldFiles } from '../scaffold-files.ts';
import { recordIn, type ScaffoldRecord } from '../scaffold-record.ts';
import { type ScaffoldRuntime, type TemplateName, templateNames } from '../template.ts';
import { templatePart, templateVersion } from '../template-history.ts';

/** Hints of a person about where a project came from. */
export interface RecordHints {
	readonly id?: string | undefined;
	readonly template?: TemplateName | undefined;
	readonly runtime?: ScaffoldRuntime | undefined;
}

/**
 * Record of what a project was made from: that of its package.json; without one, since an old toolchain made it, the template that has
 * most of its files as they still are.
 *
 * @param dir the folder of the project, absolute
 * @throws OrchestraError `not_a_plugin` where it was made from no template, or which one cannot be told; `usage` where a hint contradicts
 * the record; `requirement_unmet` where a newer toolchain made it
 */
export function findRecord(dir: string, hints: RecordHints): ScaffoldRecord {
	const document = readPackage(dir);
	const record = recordIn(document) ?? likelyRecord(dir, document, hints);
	for (const key of ['id', 'template', 'runtime'] as const) {
		if (hints[key] === undefined || hints[key] === record[key]) continue;
		throw new OrchestraError('usage', `${dir} was made with ${key} ${record[key]}, not ${hints[key]}`, {
			hint: `Leave --${key} out: the package.json says it.`,
			details: { record: { ...record } },
		});
	}
	if (record.version <= templateVersion()) return record;
	throw new OrchestraError(
		'requirement_unmet',
		`${dir} is at version ${record.version} of the templates, and this orchestra has version ${templateVersion()}`,
		{ hint: 'Update orchestra-toolchain, then try again.', details: { record: { ...record } } },
	);
}

/** The document of a package.json. */
function readPackage(dir: string): Record<string, unknown> {
	const path = join(dir, 'package.json');
	try {
		const document: unknown = JSON.parse(readFileSync(path, 'utf8').replace(/^\ufeff/, ''));
		if (isObject(document)) return document;
		throw new SyntaxError('it holds no object');
	} catch (error) {
		const isMissing = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
		const why = isMissing ? 'is not there' : `cannot be read: ${(error as Error).message}`;
		throw new OrchestraError('not_a_plugin', `${path} ${why}`, {
			hint: isMissing
				? 'Name the folder of a plugin that `orchestra init` has made.'
				: 'Mend it, then try again. Nothing was changed.',
			details: { path },
			cause: error,
		});
	}
}

/** The record that a project without one would have. */
function likelyRecord(dir: string, document: Record<string, unknown>, hints: RecordHints): ScaffoldRecord {
	const runtime = hints.runtime ?? (textOf(dir, 'deno.json') === undefined ? 'node' : 'deno');
	const named = /createPlugin\(\s*(['"`])([^'"`\n]+)\1/.exec(textOf(dir, 'plugin.ts') ?? '')?.[2];
	const id = hints.id ?? named ?? String(document.name ?? '');
	let best: { readonly record: ScaffoldRecord; readonly same: number } | undefined;
	for (const template of hints.template ? [hints.template] : templateNames) {
		for (let version = 1; version <= templateVersion(); version++) {
			const record = { template, runtime, id, version };
			const files = scaffoldFiles({ dir, ...record });
			const same = [...templatePart(template, version).keys()].filter(
				(name) => files.get(name) === textOf(dir, name),
			).length;
			if (same > (best?.same ?? (hints.template ? -1 : 0))) best = { record, same };
		}
	}
	if (best) return best.record;
	throw new OrchestraError(
		'not_a_plugin',
		`nothing in ${dir} says which template it was made from, if from any`,
		{
			hint: `Say it: --template ${templateNames.join(', ')}.`,
			details: { dir },
		},
	);
}

/** The text of a file, with the line ends of templates; undefined where it cannot be read. */
function textOf(dir: string, name: string): string | undefined {
	try {
		return readFileSync(join(dir, name), 'utf8').replaceAll('\r\n', '\n');
	} catch {
		return undefined;
	}
}
