import type { AccessRule } from '../../runtime/orchestrator/access.ts';
import type { AccessConfiguration } from './configuration.ts';
import type { DocumentReader } from './document-reader.ts';
import type { YamlNode } from './yaml-node.ts';

/** Certificates that may administer if nothing is said. */
const defaultOperators = ['cli'];

/** Reads what certificates may do. */
export function readAccess(reader: DocumentReader, node: YamlNode): AccessConfiguration {
	const operators = reader.value(node, 'operators');
	return {
		operators: operators ? reader.texts(operators) : defaultOperators,
		nodes: reader.texts(reader.value(node, 'nodes')),
		strict: reader.boolean(reader.value(node, 'strict')) ?? false,
		rules: reader
			.items(reader.value(node, 'rules'))
			.map((item) => readRule(reader, item.node, `access.rules[${item.index}]`)),
	};
}

function readRule(reader: DocumentReader, node: YamlNode, path: string): AccessRule {
	const patterns = (key: string) => reader.texts(reader.value(node, key));
	return {
		name: reader.text(reader.value(node, 'name')) ?? path,
		certificates: patterns('certificates'),
		tools: patterns('tools'),
		prompts: patterns('prompts'),
		publish: patterns('publish'),
		subscribe: patterns('subscribe'),
		storage: patterns('storage'),
		administer: reader.boolean(reader.value(node, 'administer')) ?? false,
	};
}
