import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { OrchestraError } from '../../../src/runtime/wire/orchestra-error.ts';
import type { Configuration } from '../../../src/toolchain/configuration/configuration.ts';
import { readConfiguration } from '../../../src/toolchain/configuration/read-configuration.ts';
import { writeFiles } from '../write-files.ts';

/** A folder that goes when the test file is done. */
export function scratchFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), 'orchestra-configuration-'));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

/** Reads texts as configuration files of one folder. */
export class TextReader {
	readonly folder = scratchFolder();
	readonly environment: Record<string, string> = { TOKEN: 's3cret', EMPTY: '' };

	read(text: string, name = 'orchestra.yaml'): Promise<Configuration> {
		writeFiles(this.folder, { [name]: text });
		return readConfiguration(name, { cwd: this.folder, environment: this.environment });
	}

	/** What is wrong with a text. Fails where nothing is. */
	async error(text: string, name = 'orchestra.yaml'): Promise<OrchestraError> {
		try {
			await this.read(text, name);
		} catch (error) {
			if (error instanceof OrchestraError) return error;
			throw error;
		}
		throw new Error(`nothing is wrong with:\n${text}`);
	}

	/** The faults of a text, as `line:column: key: text`. */
	async faults(text: string, name = 'orchestra.yaml'): Promise<string[]> {
		const error = await this.error(text, name);
		if (error.code !== 'invalid_configuration') throw error;
		const faults = error.details?.faults as { line: number; column: number; key: string; text: string }[];
		return faults.map(({ line, column, key, text: reason }) => `${line}:${column}: ${key}: ${reason}`);
	}
}
