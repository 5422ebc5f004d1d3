import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';

/** Fields of a package.json that count here. */
export interface PackageFile {
	readonly name: string | undefined;
	readonly version: string | undefined;
	readonly document: Record<string, unknown>;
}

/**
 * The package.json of a folder; undefined where there is none.
 *
 * @throws OrchestraError `not_a_plugin` where it cannot be read
 */
export function readPackage(folder: string): PackageFile | undefined {
	const path = join(folder, 'package.json');
	let text: string;
	try {
		text = readFileSync(path, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw OrchestraError.from(error, 'not_a_plugin', path);
	}
	let document: unknown;
	try {
		document = JSON.parse(text.replace(/^\ufeff/, ''));
	} catch (error) {
		throw new OrchestraError('not_a_plugin', `${path} is not JSON: ${(error as Error).message}`, {
			cause: error,
		});
	}
	if (!isObject(document)) throw new OrchestraError('not_a_plugin', `${path} holds no JSON object`);
	const { name, version } = document;
	return { name: shortText(name), version: shortText(version), document };
}

function shortText(value: unknown): string | undefined {
	return typeof value === 'string' && /^[\x21-\x7e]{1,256}$/.test(value) ? value : undefined;
}
