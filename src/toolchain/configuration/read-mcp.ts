import type { ConfiguredSource, ConfiguredValues } from './configuration.ts';
import type { DocumentReader } from './document-reader.ts';
import { childPath } from './key-path.ts';
import { resolvePath } from './resolve-path.ts';
import type { YamlNode } from './yaml-node.ts';

/** Keys that mean something for a server that is started, and for one that is reached. */
const startedKeys = ['args', 'env', 'cwd'];
const reachedKeys = ['headers'];

/** Reads what a file says of an MCP server. */
export function readMcp(
	reader: DocumentReader,
	node: YamlNode,
	path: string,
	folder: string,
	values: (key: 'env' | 'headers') => ConfiguredValues,
): ConfiguredSource | undefined {
	const command = reader.text(reader.value(node, 'command'));
	const url = reader.text(reader.value(node, 'url'));
	for (const { key, position } of reader.entries(node)) {
		if (url !== undefined && startedKeys.includes(key)) {
			reader.faults.add(
				childPath(path, key),
				position,
				'means nothing for a server at a url: whoever starts it decides',
			);
		} else if (command !== undefined && reachedKeys.includes(key)) {
			reader.faults.add(
				childPath(path, key),
				position,
				'means nothing for a server that is started: it reads its env',
			);
		}
	}
	if (command === undefined && url === undefined) return undefined;
	const cwd = reader.text(reader.value(node, 'cwd'));
	return {
		kind: 'mcp',
		// A name is looked up on PATH; a path counts from the file.
		command: command !== undefined && /[\\/]/.test(command) ? resolvePath(command, folder) : command,
		args: reader.texts(reader.value(node, 'args')),
		env: values('env'),
		cwd: cwd === undefined ? undefined : resolvePath(cwd, folder),
		url,
		headers: values('headers'),
	};
}
