import { basename, dirname, resolve } from 'node:path';
import { shownPath } from '../shown-path.ts';
import { checkSchema, type SchemaRules } from './check-schema.ts';
import type { Configuration } from './configuration.ts';
import { FaultList, unreadableConfiguration } from './configuration-fault.ts';
import { formatSchemas } from './configuration-schema.ts';
import { deepFreeze } from './deep-freeze.ts';
import { DocumentReader } from './document-reader.ts';
import { readGoFormat } from './read-go-format.ts';
import { readOrchestraFormat } from './read-orchestra-format.ts';
import { readTextFile, UnusableFile } from './read-text-file.ts';
import { entryOf, type YamlNode } from './yaml-node.ts';

/** Bytes that a configuration may have. */
const maxFileBytes = 1024 * 1024;

/** Options of reading a configuration. */
export interface ReadOptions {
	/** Environment in which `${env:NAME}` is looked up. Default: this process's. */
	readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
	/** Folder that the file is shown relative to in messages. Default: this process's working directory. */
	readonly cwd?: string | undefined;
}

const schemaRules: Readonly<Record<Configuration['dialect'], SchemaRules>> = {
	orchestra: { unknownKeys: 'fault', emptyIsAbsent: false, oldBooleans: false, references: true },
	go: { unknownKeys: 'warning', emptyIsAbsent: true, oldBooleans: true, references: false },
};

/**
 * Reads a configuration file, of ours or of the Go orchestrator, and checks all of it.
 *
 * @param path `orchestra.yaml`, `plugins.yaml`, or another name: then the keys `listen_addr` or `tcp_addr` tell the Go format
 * @throws OrchestraError `invalid_configuration` with the place of each fault, 20 at most
 */
export async function readConfiguration(path: string, options: ReadOptions = {}): Promise<Configuration> {
	const cwd = options.cwd ?? process.cwd();
	const file = resolve(cwd, path);
	const shown = shownPath(file, cwd);
	const text = readFile(file, shown);
	const faults = new FaultList();
	// The parser is loaded where there is something to parse.
	const { parseYaml } = await import('./parse-yaml.ts');
	const root = parseYaml(text, faults);
	faults.throwIfAny(shown);
	if (!root || (root.kind === 'scalar' && root.value === null)) {
		throw unreadableConfiguration(shown, 'is empty', 'Write plugins: [] for a server without plugins.');
	}
	const dialect = dialectOf(file, root);
	const rules = schemaRules[dialect];
	const unfit = checkSchema(root, formatSchemas[dialect], rules, faults);
	const reader = new DocumentReader(faults, unfit, rules.oldBooleans);
	const context = { folder: dirname(file), environment: options.environment ?? process.env };
	const contents = (dialect === 'go' ? readGoFormat : readOrchestraFormat)(reader, root, context);
	faults.throwIfAny(shown);
	return deepFreeze({ file, dialect, ...contents, warnings: faults.warnings });
}

function readFile(file: string, shown: string): string {
	try {
		return readTextFile(file, maxFileBytes);
	} catch (error) {
		if (!(error instanceof UnusableFile)) throw error;
		const hint = 'Name a YAML file of at most 1 MiB, such as orchestra.yaml.';
		throw unreadableConfiguration(shown, error.message, hint, error.cause);
	}
}

function dialectOf(file: string, root: YamlNode): Configuration['dialect'] {
	const name = basename(file);
	if (/^plugins\.ya?ml$/.test(name)) return 'go';
	if (/^orchestra\.ya?ml$/.test(name)) return 'orchestra';
	return entryOf(root, 'listen_addr') || entryOf(root, 'tcp_addr') ? 'go' : 'orchestra';
}
