import { basename, resolve } from 'node:path';
import { maxNameLength } from '../../runtime/identity/certificate-name.ts';
import { assertPluginId } from '../../runtime/plugin/definition/names.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** The longest name that an id becomes part of: the certificate with which an orchestrator calls the plugin. */
const longestPrefix = 'orchestrator-to-';

/** Characters of the id of a new plugin. */
export const maxNewIdLength: number = maxNameLength - longestPrefix.length;

/** Reason why an id cannot be that of a new plugin, in a sentence; undefined where it can. */
export function faultOfNewId(id: string): string | undefined {
	if (id.length > maxNewIdLength) return `the plugin id is longer than ${maxNewIdLength} characters`;
	try {
		assertPluginId(id);
		return undefined;
	} catch (error) {
		return (error as Error).message;
	}
}

/** @throws OrchestraError `usage` where it cannot be the id of a new plugin */
export function assertNewId(id: string): void {
	const fault = faultOfNewId(id);
	if (fault === undefined) return;
	throw new OrchestraError('usage', fault, {
		hint: 'Use letters, digits, ".", "_" or "-", such as "weather" or "acme.weather".',
		details: { id },
	});
}

/** The id for a plugin in a folder, from the folder's name; undefined where nothing of the name can be used. */
export function idForFolder(dir: string): string | undefined {
	const id = basename(resolve(dir))
		.normalize('NFKD')
		.replace(/\p{M}+/gu, '')
		.replace(/[^A-Za-z0-9._-]+/g, '-')
		.replace(/\.{2,}/g, '.')
		.replace(/^[.-]+/, '')
		.slice(0, maxNewIdLength)
		.replace(/[.-]+$/, '');
	return faultOfNewId(id) === undefined ? id : undefined;
}
