import { join } from 'node:path';
import protobuf from 'protobufjs';
import { code, prose, table } from './markdown.mjs';

const protoFile = 'proto/orchestra/plugin/v1/plugin.proto';

/** From this number on a field is an extension of this project. */
const firstExtension = 100;

/** docs/reference/protocol.md: every message, with the comments of its .proto file. */
export function protocolPage(root) {
	const parsed = new protobuf.Root();
	parsed.resolvePath = (_origin, target) =>
		target.startsWith('google/') ? target : join(root, 'proto', target);
	parsed.loadSync(protoFile.replace(/^proto\//, ''), {
		keepCase: true,
		alternateCommentMode: true,
		preferTrailingComment: true,
	});
	parsed.resolveAll();
	const namespace = parsed.lookup('orchestra.plugin.v1');
	if (!(namespace instanceof protobuf.Namespace)) throw new Error('proto/ has no orchestra.plugin.v1');
	const messages = namespace.nestedArray;
	return [
		'# Messages of the protocol\n',
		`These are the messages of \`${protoFile}\`. What stands below number ${firstExtension} is the core protocol, shared with the Go SDK; the others are extensions. How they are used: [protocol.md](../protocol.md).\n`,
		...messages.map((message) => section(message, messages)),
	].join('\n');
}

function section(message, messages) {
	const parts = [`## ${message.name}\n`];
	if (message.comment) parts.push(`${prose(message.comment)}\n`);
	const alone = message.fieldsArray.filter(({ partOf }) => !partOf);
	if (alone.length > 0) parts.push(fieldTable(alone, messages));
	for (const oneof of message.oneofsArray) {
		parts.push(`One of these, as \`${oneof.name}\`:\n`, fieldTable(oneof.fieldsArray, messages));
	}
	for (const nested of message.nestedArray.filter((type) => type instanceof protobuf.Enum)) {
		parts.push(
			`\`${nested.name}\`: ${Object.entries(nested.values)
				.map(([name, value]) => `${value} \`${name}\``)
				.join(', ')}.\n`,
		);
	}
	if (message.fieldsArray.length === 0) parts.push('It has no fields.\n');
	return parts.join('\n');
}

function fieldTable(fields, messages) {
	const sorted = [...fields].sort((a, b) => a.id - b.id);
	return table(
		['number', 'field', 'type', 'is'],
		sorted.map((field) => [
			String(field.id),
			code(field.name),
			typeOf(field, messages),
			prose(field.comment ?? '').replace(/^[Ee]xtensions?(?:\.$|: )/, ''),
		]),
	);
}

function typeOf(field, messages) {
	const { name } = field.resolvedType ?? { name: field.type };
	const known = messages.some((message) => message.name === name);
	const text = known ? `[${name}](#${name.toLowerCase()})` : code(name);
	if (field.map) return `map of ${text}`;
	return field.repeated ? `list of ${text}` : text;
}
