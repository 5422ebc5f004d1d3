import { readFileSync } from 'node:fs';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

/** Bytes of a file with a boot configuration, at most. */
const maxFileBytes = 1024 * 1024;

/**
 * Reads `--config` words: `key=value`, `key=@file` with the text of a file (a secret does not belong on a command line), or `@file`
 * with a JSON object of strings, numbers and booleans. A later one wins.
 *
 * @throws OrchestraError `usage`
 */
export function readBootConfiguration(words: readonly string[] = []): Record<string, string> {
	const config: Record<string, string> = Object.create(null);
	for (const word of words) {
		if (word.startsWith('@')) {
			Object.assign(config, parseFile(word.slice(1)));
			continue;
		}
		const [, key, at, text = ''] = /^([^=]+)=(@?)([\s\S]*)$/.exec(word) ?? [];
		if (key === undefined) {
			throw usage(
				`--config ${word} has no value`,
				'Write --config key=value, --config key=@file or --config @file.json.',
			);
		}
		config[key] = at ? readText(text).replace(/\r?\n$/, '') : text;
	}
	return config;
}

function parseFile(path: string): Record<string, string> {
	let value: unknown;
	try {
		value = JSON.parse(readText(path));
	} catch (error) {
		if (error instanceof OrchestraError) throw error;
		throw usage(
			`${path} is not JSON: ${(error as Error).message}`,
			'It holds an object such as {"units": "metric"}.',
		);
	}
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw usage(`${path} holds no object`, 'It holds an object such as {"units": "metric"}.');
	}
	return Object.fromEntries(
		Object.entries(value).map(([key, entry]) => {
			if (typeof entry === 'string' || typeof entry === 'number' || typeof entry === 'boolean') {
				return [key, String(entry)];
			}
			throw usage(`${key} in ${path} is no text, number or boolean`, 'A boot configuration has texts only.');
		}),
	);
}

function readText(path: string): string {
	let bytes: Buffer;
	try {
		bytes = readFileSync(path);
	} catch (error) {
		throw usage(
			`cannot read ${path}: ${(error as Error).message}`,
			'Name a file that exists and can be read.',
		);
	}
	if (bytes.length > maxFileBytes)
		throw usage(`${path} is larger than 1 MiB`, 'A boot configuration is small.');
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		throw usage(`${path} is not UTF-8 text`, 'Save it as UTF-8.');
	}
}

function usage(message: string, hint: string): OrchestraError {
	return new OrchestraError('usage', message, { hint });
}
