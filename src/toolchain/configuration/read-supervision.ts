import type { ConfiguredSource, SupervisionConfiguration } from './configuration.ts';
import type { DocumentReader } from './document-reader.ts';
import { childPath } from './key-path.ts';
import type { YamlNode } from './yaml-node.ts';

/** Keys of the deadlines in the file. */
const keys = {
	ready: 'readyMs',
	register: 'registerMs',
	boot: 'bootMs',
	health_every: 'healthEveryMs',
	health_timeout: 'healthTimeoutMs',
} as const satisfies Record<string, keyof SupervisionConfiguration>;

/** Reads deadlines; those that are not there are as they are in `otherwise`. */
export function readSupervision(
	reader: DocumentReader,
	node: YamlNode | undefined,
	otherwise: SupervisionConfiguration,
): SupervisionConfiguration {
	const read: Record<string, number> = {};
	for (const [key, name] of Object.entries(keys)) {
		const ms = reader.duration(reader.value(node, key));
		if (ms !== undefined) read[name] = ms;
	}
	return { ...otherwise, ...read };
}

/** Notes deadlines that mean nothing for a plugin of this kind. */
export function checkSupervision(
	reader: DocumentReader,
	node: YamlNode | undefined,
	path: string,
	kind: ConfiguredSource['kind'],
	isProcess: boolean,
): void {
	for (const { key, position } of reader.entries(node)) {
		const why = misplacedDeadline(key, kind, isProcess);
		if (why) reader.faults.add(childPath(path, key), position, why);
	}
}

function misplacedDeadline(
	key: string,
	kind: ConfiguredSource['kind'],
	isProcess: boolean,
): string | undefined {
	const ofHealth = key.startsWith('health_');
	if (kind === 'address') {
		return ofHealth
			? undefined
			: 'means nothing for a plugin that runs already: only its health is asked for';
	}
	if (kind === 'mcp') return ofHealth || key === 'ready' ? undefined : 'means nothing for an MCP server';
	if (isProcess || key === 'boot') return undefined;
	return "means nothing for a module in the server's process: add spawn: true";
}
