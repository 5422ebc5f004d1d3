// The second half of generate-messages.mjs: the code that writes and reads the
// messages, for src/runtime/wire/message-writer.ts and message-reader.ts.
import protobuf from 'protobufjs';

/** Text fields with few different values: what was read before is given out again (MessageReader.key). */
const repeating = new Set(
	'toolName callerPlugin plugin provider sessionId streamId contentType subscriptionId topic eventType sourcePlugin storageType code'.split(
		' ',
	),
);

/** How a field that is no message is read: the method of MessageReader; the one of MessageWriter that writes it. */
const scalarMethods = {
	string: ['string', 'string'],
	bytes: ['bytes', 'bytes'],
	bool: ['bool', 'bool'],
	double: ['double', 'double'],
	int32: ['int32', 'int'],
	uint32: ['uint32', 'uint32'],
	int64: ['int64', 'int'],
	enum: ['int32', 'int'],
};

/** A field that was renamed in proto/ would be read slower, and nobody would notice. */
function assertRepeatingExist(namespace) {
	const texts = new Set(
		namespace.nestedArray
			.filter((nested) => nested instanceof protobuf.Type)
			.flatMap((type) => type.fieldsArray.filter(({ type }) => type === 'string').map(({ name }) => name)),
	);
	const missing = [...repeating].filter((name) => !texts.has(name));
	if (missing.length > 0)
		throw new Error(`proto/ has no text field named ${missing.join(', ')}: see \`repeating\``);
}

/** The source of codec.ts: a function that writes and one that reads each message, and a codec for each envelope. */
export function generateCodec(parsed, banner, envelopes) {
	const namespace = parsed.lookup('orchestra.plugin.v1');
	assertRepeatingExist(namespace);
	const timestamp = parsed.lookupType('google.protobuf.Timestamp');
	const lines = [
		banner.trimEnd(),
		"import { messageBytes } from '../decoded-size.ts';",
		"import type { MessageCodec } from '../message-codec.ts';",
		"import type { MessageReader } from '../message-reader.ts';",
		"import type { MessageWriter } from '../message-writer.ts';",
		"import { readStruct } from '../struct-reader.ts';",
		"import { writeStruct } from '../struct-writer.ts';",
		"import { readTextEntry, writeTextMap } from '../text-map.ts';",
		"import type * as messages from './messages.ts';\n",
		'/** Of the fields of a oneof only the one that was read last stays. */',
		'function keepOne<T extends object, K extends keyof T>(m: T, before: K | undefined, now: K): K {',
		'\tif (before !== undefined && before !== now) delete m[before];',
		'\treturn now;',
		'}\n',
	];
	for (const type of [
		...namespace.nestedArray.filter((nested) => nested instanceof protobuf.Type),
		timestamp,
	]) {
		const fields = [...type.fieldsArray].sort((a, b) => a.id - b.id);
		if (type.oneofsArray.length > 1) throw new Error(`${type.fullName} has more than one oneof`);
		const name = type.name;
		const empty = fields.length === 0;
		lines.push(
			`function write${name}(${empty ? '_w' : 'w'}: MessageWriter, ${empty ? '_m' : 'm'}: messages.${name}): void {`,
		);
		for (const field of fields.toReversed()) lines.push(...writeField(field).map((line) => `\t${line}`));
		lines.push('}\n');
		lines.push(`function read${name}(r: MessageReader, m: messages.${name} = {}): messages.${name} {`);
		if (type.oneofsArray.length === 1) {
			const names = type.oneofsArray[0].fieldsArray.map((field) => `'${field.name}'`).join(' | ');
			lines.push(`\tlet kind: ${names} | undefined;`);
		}
		lines.push('\twhile (r.more) {', '\t\tconst tag = r.tag();', '\t\tswitch (tag) {');
		for (const field of fields) {
			lines.push(`\t\t\tcase ${tagOf(field)}: {`);
			lines.push(...readField(field).map((line) => `\t\t\t\t${line}`), '\t\t\t\tbreak;', '\t\t\t}');
		}
		lines.push('\t\t\tdefault:', '\t\t\t\tr.skip(tag);', '\t\t}', '\t}', '\treturn m;', '}\n');
	}
	for (const name of envelopes) {
		const constant = `${name[0].toLowerCase()}${name.slice(1)}Codec`;
		lines.push(
			`export const ${constant}: MessageCodec<messages.${name}> = { write: write${name}, read: read${name} };`,
		);
	}
	return `${lines.join('\n')}\n`;
}

function kindOf(field) {
	if (field.map) {
		if (field.keyType !== 'string' || field.type !== 'string')
			throw new Error(`${field.fullName}: only map<string, string>`);
		return 'map';
	}
	if (field.type === 'google.protobuf.Struct') return 'struct';
	if (field.resolvedType instanceof protobuf.Enum) return 'enum';
	if (field.resolvedType) return 'message';
	if (!scalarMethods[field.type]) throw new Error(`${field.fullName}: ${field.type} is not supported`);
	if (field.repeated && field.type !== 'string')
		throw new Error(`${field.fullName}: packed fields are not supported`);
	return field.type;
}

function tagOf(field) {
	const kind = kindOf(field);
	const wireType = { double: 1, bool: 0, int32: 0, uint32: 0, int64: 0, enum: 0 }[kind] ?? 2;
	return field.id * 8 + wireType;
}

/** The lines that write a field: its value, then its tag, as MessageWriter goes from the end to the start. */
function writeField(field) {
	const kind = kindOf(field);
	const tag = tagOf(field);
	const at = `m.${field.name}`;
	if (kind === 'map') return [`if (${at} != null) writeTextMap(w, ${tag}, ${at});`];
	const body = (value) => {
		if (kind !== 'struct' && kind !== 'message')
			return [`w.${scalarMethods[kind][1]}(${value});`, `w.varint(${tag});`];
		const write = kind === 'struct' ? 'writeStruct' : `write${field.resolvedType.name}`;
		return ['const before = w.size;', `${write}(w, ${value});`, `w.close(before, ${tag});`];
	};
	if (field.repeated) {
		const lines = body('item').map((line) => `\t\t${line}`);
		return [
			`if (${at} != null) {`,
			`\tfor (let i = ${at}.length - 1; i >= 0; i--) {`,
			`\t\tconst item = ${at}[i];`,
			'\t\tif (item === undefined) continue;',
			...lines,
			'\t}',
			'}',
		];
	}
	// proto3: a scalar with its default value is not written; a message is, as it may be there and empty.
	let present = at;
	if (kind === 'struct' || kind === 'message') present = `${at} != null`;
	if (kind === 'bytes') present = `${at} != null && ${at}.length > 0`;
	return [`if (${present}) {`, ...body(at).map((line) => `\t${line}`), '}'];
}

function readField(field) {
	const kind = kindOf(field);
	const at = `m.${field.name}`;
	if (kind === 'map') return [`${at} = readTextEntry(r, ${at});`];
	if (kind === 'struct' || kind === 'message') {
		const read = kind === 'struct' ? 'readStruct' : `read${field.resolvedType.name}`;
		const lines = ['const outer = r.enter();'];
		// Parts of a message that came in several pieces are merged, as protobuf says.
		if (field.repeated) lines.push('r.charge(messageBytes);', `(${at} ??= []).push(${read}(r));`);
		else lines.push(`${at} = ${read}(r, ${at});`);
		lines.push('r.leave(outer);');
		if (field.partOf) lines.push(`kind = keepOne(m, kind, '${field.name}');`);
		return lines;
	}
	if (field.partOf) throw new Error(`${field.fullName}: a oneof of scalars is not supported`);
	let value = `r.${scalarMethods[kind][0]}()`;
	if (repeating.has(field.name)) value = 'r.key()';
	if (kind === 'enum') value += ` as messages.${field.resolvedType.name}`;
	return [field.repeated ? `(${at} ??= []).push(${value});` : `${at} = ${value};`];
}
