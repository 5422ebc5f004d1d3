// Generates src/runtime/wire/generated/ from proto/: the message types and
// the static protobufjs codec. `--check` writes nothing and exits 1 on drift.
//
// Two things differ from plain protobufjs output, both on purpose:
// - google.protobuf.Struct is not generated. Its codec is ours
//   (src/runtime/wire/struct-codec.ts), which maps bytes to plain JS values
//   with no Struct/Value objects in between: they are most of the cost of a call.
// - The types are plain interfaces in which every field may be absent, since
//   an in-process exchange passes such objects on without encoding them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const protoFile = 'proto/orchestra/plugin/v1/plugin.proto';
const outDir = join(root, 'src/runtime/wire/generated');
const banner = '// Generated from proto/ by scripts/generate-messages.mjs. Do not edit.\n';
/** The messages that are encoded on their own; every other one is a field of these. */
const envelopes = ['PluginRequest', 'PluginResponse'];

function generateTypes() {
	const parsed = new protobuf.Root();
	parsed.resolvePath = (_origin, target) =>
		target.startsWith('google/') ? target : join(root, 'proto', target);
	parsed.loadSync(protoFile.replace(/^proto\//, '')).resolveAll();
	const namespace = parsed.lookup('orchestra.plugin.v1');
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

function generateCodec() {
	const scratch = mkdtempSync(join(tmpdir(), 'orchestra-proto-'));
	try {
		// An empty Struct keeps pbjs from generating Struct, Value and ListValue.
		const stub = join(scratch, 'google/protobuf');
		mkdirSync(stub, { recursive: true });
		writeFileSync(
			join(stub, 'struct.proto'),
			'syntax = "proto3"; package google.protobuf; message Struct {}',
		);
		const out = join(scratch, 'codec.js');
		const args = ['-t', 'static-module', '-w', 'es6', '--es6', '--force-number', '--no-comments'];
		for (const part of ['create', 'verify', 'convert', 'delimited', 'typeurl', 'service']) {
			args.push(`--no-${part}`);
		}
		args.push('-r', 'orchestra', '-p', scratch, '-p', join(root, 'proto'));
		args.push('-o', out, join(root, protoFile));
		execFileSync(process.execPath, [join(root, 'node_modules/protobufjs-cli/bin/pbjs'), ...args], {
			stdio: ['ignore', 'ignore', 'inherit'],
		});
		let code = readFileSync(out, 'utf8');
		code = code.replace(
			/^( *)protobuf\.Struct = \(function\(\) \{\n[\s\S]*?^\1\}\)\(\);\n/m,
			'$1protobuf.Struct = structCodec;\n',
		);
		if (!code.includes('protobuf.Struct = structCodec')) {
			throw new Error('pbjs output changed its shape: the Struct block was not found');
		}
		// A root of this module's own: protobufjs's global registry would be shared by two copies of us in one process.
		code = code.replace(/^const \$root = .*$/m, 'const $root = {};');
		// An absent field reads as undefined, as the types say, on decoded and plain messages alike.
		code = code.replace(/(\.prototype(?:\.\w+|\["\w+"\])) = null;/g, '$1 = undefined;');
		code = code.replace(/^\/\*eslint-disable.*\*\/\n/m, '');
		code = code.replace(/^export const (orchestra|google) = /gm, 'const $1 = ');
		code = code.replace(/^export \{[^}]*\};?\n?/gm, '');
		const header = [
			'// @ts-nocheck',
			banner.trimEnd(),
			"import { structCodec } from '../struct-codec.ts';",
			"import type { MessageCodec } from '../message-codec.ts';",
			`import type { ${envelopes.join(', ')} } from './messages.ts';`,
			'',
		].join('\n');
		const footer = envelopes.map(
			(name) =>
				`export const ${name[0].toLowerCase()}${name.slice(1)}Codec: MessageCodec<${name}> = $root.orchestra.plugin.v1.${name};`,
		);
		return `${header}${code.trimEnd()}\n\n${footer.join('\n')}\n`;
	} finally {
		rmSync(scratch, { recursive: true, force: true });
	}
}

const files = { 'messages.ts': generateTypes(), 'codec.ts': generateCodec() };
const check = process.argv.includes('--check');
let drifted = false;
for (const [name, text] of Object.entries(files)) {
	const path = join(outDir, name);
	if (check) {
		let current = '';
		try {
			current = readFileSync(path, 'utf8');
		} catch (error) {
			if (error.code !== 'ENOENT') throw error;
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
