import { isObject } from '../../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { isModuleFile } from '../../load/plugin-entry.ts';
import { faultOfNewId } from '../../scaffold/plugin-id.ts';

/** The lists of names in a manifest. */
export const manifestLists = [
	'provides_tools',
	'provides_prompts',
	'provides_storage',
	'provides_events',
	'provides_transport',
	'provides_ai',
	'needs_tools',
	'needs_storage',
	'needs_events',
	'needs_ai',
] as const;

/** Description of an installed plugin, in the keys of `--manifest`. */
export type InstalledManifest = {
	readonly id: string;
	readonly version: string;
	readonly description: string;
	readonly author: string;
	readonly language: string;
	/** Requirements on its host. */
	readonly requires?: { readonly protocol?: number; readonly runtime?: string };
} & { readonly [K in (typeof manifestLists)[number]]: readonly string[] };

const maxTextLength = 4096;
const maxNameLength = 256;
const maxNames = 10_000;

/** Characters that no text of a stranger may bring to a terminal or into a file. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const controls = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/**
 * Reads the manifest of a stranger's plugin: every text is bounded and printable, every list is there.
 *
 * @param value what `--manifest` printed, or manifest.json holds
 * @param where names the plugin in messages
 * @throws OrchestraError `invalid_manifest`
 */
export function readManifest(value: unknown, where: string): InstalledManifest {
	const wrong = (why: string) =>
		new OrchestraError('invalid_manifest', `the manifest of ${where} ${why}`, {
			hint: 'docs/process-contract.md says what it has to hold.',
			details: { where },
		});
	if (!isObject(value)) throw wrong('is no JSON object');
	const text = (key: string): string => {
		const found = value[key] ?? '';
		if (typeof found !== 'string') throw wrong(`has a ${key} that is no text`);
		if (found.length > maxTextLength) throw wrong(`has a ${key} of more than ${maxTextLength} characters`);
		// Descriptions have line breaks; nothing else of the kind is for showing.
		const line = found.replace(/[\t\r\n]+/g, ' ').trim();
		if (controls.test(line)) throw wrong(`has a ${key} with control characters`);
		return line;
	};
	const list = (key: string): string[] => {
		const found = value[key] ?? [];
		if (!Array.isArray(found)) throw wrong(`has ${key} that is no list`);
		if (found.length > maxNames) throw wrong(`has ${key} with more than ${maxNames} names`);
		return found.map((name: unknown) => {
			if (typeof name !== 'string' || name === '' || name.length > maxNameLength || controls.test(name)) {
				throw wrong(`has ${key} with something that is no name`);
			}
			return name;
		});
	};
	const id = text('id');
	if (id === '') throw wrong('has no id');
	const fault = faultOfNewId(id);
	if (fault !== undefined) throw wrong(`has an id that cannot be used: ${fault}`);
	if (isModuleFile(id)) throw wrong(`has an id that cannot be used: ${JSON.stringify(id)} looks like a file`);
	const version = text('version');
	if (version.length > maxNameLength) throw wrong('has a version that is too long');
	const requires = readRequirements(value.requires, wrong);
	return {
		id,
		version,
		description: text('description'),
		author: text('author'),
		language: text('language'),
		...(requires ? { requires } : {}),
		...(Object.fromEntries(manifestLists.map((key) => [key, list(key)])) as {
			[K in (typeof manifestLists)[number]]: string[];
		}),
	};
}

function readRequirements(
	value: unknown,
	wrong: (why: string) => OrchestraError,
): { protocol?: number; runtime?: string } | undefined {
	if (value === undefined || value === null) return undefined;
	if (!isObject(value)) throw wrong('has "requires" that is no object');
	const { protocol, runtime } = value;
	if (protocol !== undefined && !(Number.isInteger(protocol) && (protocol as number) >= 0)) {
		throw wrong('requires a protocol that is no whole number');
	}
	if (runtime !== undefined && (typeof runtime !== 'string' || runtime.length > maxNameLength)) {
		throw wrong('requires a runtime that is no range of versions');
	}
	return {
		...(protocol ? { protocol: protocol as number } : {}),
		...(runtime ? { runtime: runtime as string } : {}),
	};
}
