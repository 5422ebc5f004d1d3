// Generates src/runtime/wire/generated/ from proto/: the message types and
// their codec. `--check` writes nothing and exits 1 on drift.
//
// protobufjs parses the .proto files; the code is ours, because most of the
// cost of a call is its codec (`npm run bench` compares):
// - It writes from the end to the start (MessageWriter), so no length is
//   computed twice and no byte is moved.
// - google.protobuf.Struct is plain JS values on this side, with no
//   Struct/Value objects in between (struct-writer.ts, struct-reader.ts).
// - Messages are plain objects that hold the fields that were there, since an
//   in-process exchange passes such objects on without encoding them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { generateCodec } from './generate-codec.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const protoFile = 'proto/orchestra/plugin/v1/plugin.proto';
const outDir = join(root, 'src/runtime/wire/generated');
const banner = '// Generated from proto/ by scripts/generate-messages.mjs. Do not edit.\n';
/** The messages that are encoded on their own; every other one is a field of these. */
const envelopes = ['PluginRequest', 'PluginResponse'];

const parsed = new protobuf.Root();
parsed.resolvePath = (_origin, target) =>
	target.startsWith('google/') ? target : join(root, 'proto', target);
parsed.loadSync(protoFile.replace(/^proto\//, '')).resolveAll();

function generateTypes() {
	const namespace = parsed.lookup('orchestra.plugin.v1');
	if (!(namespace instanceof protobuf.Namespace)) throw new Error('proto/ has no orchestra.plugin.v1');
	const scalars = {
		string: 'string',
		bytes: 'Uint8Array',
		bool: 'boolean',
		double: 'number',
		int32: 'number',
		uint32: 'number',
		int64: 'number',
	};
	const lines = [banner, "import type { JsonObject } from '../json-value.ts';\n"];
	lines.push('/** google.protobuf.Timestamp */');
	lines.push('export interface Timestamp {', '\tseconds?: number;', '\tnanos?: number;', '}\n');
	const typeOf = (field) => {
		if (field.resolvedType instanceof protobuf.Enum) return field.resolvedType.name;
		if (field.type === 'google.protobuf.Struct') return 'JsonObject';
		if (field.type === 'google.protobuf.Timestamp') return 'Timestamp';
		const scalar = scalars[field.type] ?? field.resolvedType?.name;
		if (!scalar) throw new Error(`no TypeScript type for ${field.fullName} (${field.type})`);
		return scalar;
	};
	for (const type of namespace.nestedArray) {
		if (!(type instanceof protobuf.Type)) continue;
		for (const nested of type.nestedArray) {
			if (!(nested instanceof protobuf.Enum)) continue;
			lines.push(`export const ${nested.name} = {`);
			for (const [name, value] of Object.entries(nested.values)) {
				const short = name.replace(new RegExp(`^${nested.name.toUpperCase()}_`), '').toLowerCase();
				lines.push(`\t${short}: ${value},`);
			}
			lines.push('} as const;');
			lines.push(`export type ${nested.name} = (typeof ${nested.name})[keyof typeof ${nested.name}];\n`);
		}
		const empty = type.fieldsArray.length === 0;
		if (empty) {
			lines.push(`export type ${type.name} = Record<string, never>;\n`);
			continue;
		}
		lines.push(`export interface ${type.name} {`);
		for (const field of type.fieldsArray) {
			let ts = typeOf(field);
			if (field.map) ts = `Record<string, ${ts}>`;
			else if (field.repeated) ts = `${ts}[]`;
			lines.push(`\t${field.name}?: ${ts};`);
		}
		lines.push('}\n');
	}
	return lines.join('\n');
}

const files = { 'messages.ts': generateTypes(), 'codec.ts': generateCodec(parsed, banner, envelopes) };
const check = process.argv.includes('--check');
let drifted = false;
for (const [name, text] of Object.entries(files)) {
	const path = join(outDir, name);
	if (check) {
		let current = '';
		try {
			current = readFileSync(path, 'utf8');
		} catch (error) {
			if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
		}
		if (current !== text) {
			drifted = true;
			console.error(`${name} differs from what proto/ generates; run: npm run generate`);
		}
	} else {
		mkdirSync(outDir, { recursive: true });
		writeFileSync(path, text);
	}
}
process.exitCode = drifted ? 1 : 0;
