import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { code, prose, table } from './markdown.mjs';

/** docs/reference/configuration.md: the keys of orchestra.yaml, from the JSON Schema that the reader holds a file to. */
export function configurationPage(root) {
	const schema = JSON.parse(
		readFileSync(join(root, 'src/toolchain/configuration/orchestra.schema.json'), 'utf8'),
	);
	const { go_format: goFormat, ...definitions } = schema.$defs;
	const parts = [
		'# The keys of `orchestra.yaml`\n',
		'What they mean together, secrets and faults: [configuration.md](../configuration.md). `orchestra schema config` prints the JSON Schema that this page is made from. A key with `*` has to be there.\n',
		section('The file', schema, definitions, ''),
		section('A plugin', definitions.plugin, definitions, 'plugins[]'),
		section('Deadlines', definitions.supervision, definitions, 'supervision'),
		section('A rule', definitions.rule, definitions, 'access.rules[]'),
	];
	if (goFormat) {
		parts.push(section("The Go orchestrator's `plugins.yaml`", goFormat, schema.$defs, ''));
	}
	return parts.join('\n');
}

function section(title, schema, definitions, place) {
	const where = place === '' ? '' : `Under \`${place}\`.\n\n`;
	const said = schema.description && place !== '' ? `${prose(schema.description)}\n\n` : '';
	return `## ${title}\n\n${where}${said}${table(['key', 'takes', 'means'], keysOf(schema, definitions, ''))}`;
}

/** A row for each key; keys of objects that stand in place of a name come after it. */
function keysOf(schema, definitions, prefix) {
	const rows = [];
	for (const [name, value] of Object.entries(schema.properties ?? {})) {
		const key = `${prefix}${name}`;
		const meant = { ...definitions[nameOf(value.$ref)], ...value };
		const needed = (schema.required ?? []).includes(name) ? '*' : '';
		rows.push([`${code(key)}${needed}`, typeOf(value, definitions), meaning(value, definitions)]);
		if (!value.$ref) rows.push(...below(meant, definitions, key));
	}
	return rows;
}

function below(schema, definitions, key) {
	if (schema.properties) return keysOf(schema, definitions, `${key}.`);
	if (schema.items && !schema.items.$ref) return below(schema.items, definitions, `${key}[]`);
	return (schema.anyOf ?? []).filter(({ $ref }) => !$ref).flatMap((part) => below(part, definitions, key));
}

function meaning(schema, definitions) {
	const own = schema.description ?? '';
	// What a definition says of every value of its kind goes with the kind, but not where the kind has a section of its own.
	return prose(
		own ||
			(definitions[nameOf(schema.$ref)]?.properties
				? ''
				: (definitions[nameOf(schema.$ref)]?.description ?? '')),
	);
}

const kinds = {
	address: 'an address',
	path: 'a path',
	name: 'a text',
	duration: 'a duration',
	timeout: 'a duration',
	plugin_id: 'an id',
	texts: 'a list of texts',
	names: 'a list of texts',
	patterns: 'a list of patterns',
	routes: 'ids by name',
	value: 'a text, number or boolean',
	values: 'values by key',
	environment: 'values by name',
	plugin: 'a plugin',
	rule: 'a rule',
	supervision: 'deadlines',
	go_text: 'a text',
	go_texts: 'a list of texts',
	go_values: 'values by key',
};

function typeOf(schema, definitions) {
	if (schema.$ref) {
		const name = nameOf(schema.$ref);
		return kinds[name] ?? typeOf(definitions[name], definitions);
	}
	if (schema.enum) return schema.enum.map((value) => code(String(value))).join(' or ');
	if (schema.const !== undefined) return code(String(schema.const));
	if (schema.anyOf ?? schema.oneOf) {
		if (!schema.properties)
			return (schema.anyOf ?? schema.oneOf).map((part) => typeOf(part, definitions)).join(', or ');
	}
	if (schema.type === 'array') return `a list of ${plural(typeOf(schema.items ?? {}, definitions))}`;
	if (schema.type === 'object') {
		if (schema.properties) return 'a map';
		const { additionalProperties } = schema;
		return typeof additionalProperties === 'object'
			? `a map to ${plural(typeOf(additionalProperties, definitions))}`
			: 'a map';
	}
	if (schema.type === 'integer') return range(schema);
	if (schema.type === 'boolean') return '`true` or `false`';
	if (schema.type === 'string') return 'a text';
	if (Array.isArray(schema.type)) {
		const types = schema.type.map((type) => typeOf({ ...schema, type }, definitions));
		return types.length > 2 ? 'a text, number or boolean' : types.join(', or ');
	}
	return '';
}

function range({ minimum, maximum }) {
	if (minimum === undefined && maximum === undefined) return 'an integer';
	return `an integer from ${minimum ?? 'any'} to ${(maximum ?? Number.POSITIVE_INFINITY).toLocaleString('en')}`;
}

function plural(text) {
	if (/^an? \w+$/.test(text)) return `${text.replace(/^an? /, '')}s`.replace(/sss$/, 'sses');
	return text.replace(/^an integer /, 'integers ').replace(/^a map$/, 'maps');
}

function nameOf(reference = '') {
	return reference.replace('#/$defs/', '');
}
