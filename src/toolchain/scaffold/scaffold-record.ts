import { isObject } from '../../runtime/wire/json-value.ts';
import { type ScaffoldRuntime, scaffoldRuntimes, type TemplateName, templateNames } from './template.ts';

/** Choices of which a project was made; with them the text of each file as it was made can be had again. */
export interface ScaffoldRecord {
	readonly template: TemplateName;
	readonly runtime: ScaffoldRuntime;
	/** The id that it was made with. */
	readonly id: string;
	/** The version of the templates that it is at. */
	readonly version: number;
}

/** The first version of the templates that is recorded in what is made from it. */
const firstRecorded = 2;

/** The package.json of a made project with the record in it: under `orchestra`, key `scaffold`. */
export function recordedPackage(text: string, record: ScaffoldRecord): string {
	if (record.version < firstRecorded) return text;
	const { template, runtime, id, version } = record;
	const orchestra = { scaffold: { template, runtime, id, version } };
	return `${JSON.stringify({ ...(JSON.parse(text) as object), orchestra }, null, 2)}\n`;
}

/** The record in the document of a package.json; undefined where it has none that can be read. */
export function recordIn(document: unknown): ScaffoldRecord | undefined {
	const orchestra = isObject(document) ? document.orchestra : undefined;
	const scaffold = isObject(orchestra) ? orchestra.scaffold : undefined;
	if (!isObject(scaffold)) return undefined;
	const { template, runtime, id, version } = scaffold;
	const isKnown =
		templateNames.some((name) => name === template) &&
		scaffoldRuntimes.some((name) => name === runtime) &&
		typeof id === 'string' &&
		typeof version === 'number' &&
		Number.isSafeInteger(version) &&
		version >= firstRecorded;
	return isKnown ? (scaffold as unknown as ScaffoldRecord) : undefined;
}
