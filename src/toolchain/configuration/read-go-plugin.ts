import type { GoPluginChoice } from '../targets/go-plugin-choice.ts';
import type { DocumentReader } from './document-reader.ts';
import type { YamlNode } from './yaml-node.ts';

/** Reads what a file says of a go-plugin; undefined where it says nothing. */
export function readGoPlugin(reader: DocumentReader, node: YamlNode | undefined): GoPluginChoice | undefined {
	if (!node) return undefined;
	const value = (key: string) => reader.value(node, key);
	const [, key, text] = /^([^=\s]+)=(.+)$/s.exec(reader.text(value('cookie')) ?? '') ?? [];
	const versions = reader.items(value('protocol')).flatMap((item) => reader.number(item.node) ?? []);
	const mtls = reader.boolean(value('mtls'));
	const sha256 = reader.text(value('sha256'));
	const callbacks = reader.items(value('callbacks')).map((item) => ({
		field: reader.text(reader.value(item.node, 'field')) ?? '',
		service: reader.text(reader.value(item.node, 'service')) ?? '',
		methods: reader.textMap(reader.value(item.node, 'methods')),
	}));
	const seams = value('seams');
	return {
		...(key !== undefined && text !== undefined ? { cookie: { key, value: text } } : {}),
		...(versions.length > 0 ? { versions } : {}),
		...(mtls === undefined ? {} : { mtls }),
		...(sha256 === undefined ? {} : { sha256 }),
		...(callbacks.length > 0 ? { callbacks } : {}),
		...(seams ? { seams: reader.textMap(seams) } : {}),
	};
}
