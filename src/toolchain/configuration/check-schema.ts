import { nearest } from '../nearest.ts';
import type { FaultList } from './configuration-fault.ts';
import { type ConfigurationSchema, resolveSchema } from './configuration-schema.ts';
import { formats } from './formats.ts';
import { childPath, itemPath, quoted } from './key-path.ts';
import type { YamlMap, YamlNode, YamlScalar } from './yaml-node.ts';

/** Rules for holding a document to its schema. */
export interface SchemaRules {
	/** Whether a key that the schema does not know is a fault, or only worth a warning. */
	readonly unknownKeys: 'fault' | 'warning';
	/** Whether a key without a value counts as absent, as in Go, rather than as a fault. */
	readonly emptyIsAbsent: boolean;
	/** Whether `yes`, `no`, `on` and `off` are booleans, as in YAML 1.1. */
	readonly oldBooleans: boolean;
	/** Whether `${env:NAME}` and `${file:PATH}` are references; they may not stand outside of `env` and `config` then. */
	readonly references: boolean;
}

const typeNames: Readonly<Record<string, string>> = {
	object: 'a map',
	array: 'a list',
	string: 'a text',
	number: 'a number',
	integer: 'a whole number',
	boolean: 'true or false',
	null: 'nothing',
};

const oldTrue = /^(?:y|Y|yes|Yes|YES|on|On|ON)$/;
const oldFalse = /^(?:n|N|no|No|NO|off|Off|OFF)$/;

/** The boolean that a scalar stands for; undefined where it is none. */
export function booleanOf(node: YamlScalar, oldBooleans: boolean): boolean | undefined {
	if (typeof node.value === 'boolean') return node.value;
	if (!oldBooleans || !node.plain) return undefined;
	if (oldTrue.test(node.text)) return true;
	return oldFalse.test(node.text) ? false : undefined;
}

/**
 * Holds a document to its schema, and notes every fault with its place.
 *
 * @returns the nodes that do not fit: whoever reads the document leaves them out
 */
export function checkSchema(
	root: YamlNode,
	schema: ConfigurationSchema,
	rules: SchemaRules,
	faults: FaultList,
): ReadonlySet<YamlNode> {
	const unfit = new Set<YamlNode>();
	check(root, schema, '');
	return unfit;

	function fault(node: YamlNode, path: string, text: string): void {
		unfit.add(node);
		faults.add(path, node.position, text);
	}

	function check(node: YamlNode, unresolved: ConfigurationSchema, path: string): void {
		const whole = resolveSchema(unresolved);
		const branches = (whole.anyOf ?? [whole]).map(resolveSchema);
		const fitting = branches.find((branch) => typesOf(branch).some((type) => isOfType(node, type, rules)));
		if (!fitting) {
			const expected = branches.flatMap(expectationsOf);
			fault(node, path, `must be ${alternatives(expected)}, not ${kindOf(node)}${adviceFor(node, expected)}`);
			return;
		}
		if (node.kind === 'map') checkMap(node, fitting, path);
		else if (node.kind === 'list') {
			const { items, minItems = 0 } = fitting;
			if (node.items.length < minItems) fault(node, path, 'the list is empty');
			for (const [index, item] of node.items.entries()) {
				if (isEmpty(item) && rules.emptyIsAbsent) unfit.add(item);
				else if (items) check(item, items, itemPath(path, index));
			}
		} else {
			const reason = reasonAgainst(node, fitting, rules);
			if (reason) fault(node, path, reason);
		}
	}

	function checkMap(node: YamlMap, schema: ConfigurationSchema, path: string): void {
		const { properties = {}, additionalProperties, propertyNames, required = [] } = schema;
		for (const { key, position, value } of node.entries) {
			const child = childPath(path, key);
			const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
			const other = typeof additionalProperties === 'object' ? additionalProperties : undefined;
			const applies = known ?? other;
			if (!applies) {
				unfit.add(value);
				const names = Object.keys(properties);
				const near = nearest(key, names);
				const advice = near ? `did you mean ${near}?` : `known here: ${names.join(', ')}`;
				if (rules.unknownKeys === 'fault') faults.add(child, position, `unknown key; ${advice}`);
				else faults.warn(child, position, `unknown key, ignored; ${advice}`);
				continue;
			}
			if (
				key.includes('\0') ||
				(propertyNames?.pattern && !new RegExp(propertyNames.pattern, 'u').test(key))
			) {
				unfit.add(value);
				faults.add(child, position, 'the name is empty, or holds a blank, "=" or NUL');
				continue;
			}
			// In a map of texts an empty value is the empty text.
			if (isEmpty(value) && rules.emptyIsAbsent) {
				if (known) unfit.add(value);
				continue;
			}
			check(value, applies, child);
		}
		for (const name of required) {
			const entry = node.entries.find((candidate) => candidate.key === name);
			if (!entry || (isEmpty(entry.value) && rules.emptyIsAbsent))
				faults.add(path, node.position, `${name} is missing`);
		}
	}
}

/** Reason why a scalar of the right type is wrong all the same; undefined where it is right. */
function reasonAgainst(
	node: YamlScalar,
	schema: ConfigurationSchema,
	rules: SchemaRules,
): string | undefined {
	const { text, value } = node;
	if (schema.enum && !schema.enum.includes(text)) {
		const near = nearest(text, schema.enum);
		const meant = near ? `; did you mean ${near}?` : '';
		return `must be ${alternatives(schema.enum)}, not ${quoted(text)}${meant}`;
	}
	// It would end the text for the system. The file has none, but the YAML escape "\\0" makes one.
	if (text.includes('\0')) return 'holds a NUL character';
	if (text.length < (schema.minLength ?? 0)) return 'is empty';
	if (typeof value === 'number') {
		const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
		if (value < minimum) return `must be at least ${minimum}`;
		if (value > maximum) return `must be at most ${maximum}`;
	}
	const reason = schema.format ? formats[schema.format]?.(text) : undefined;
	if (reason) return reason;
	if (schema.pattern && !new RegExp(schema.pattern, 'u').test(text)) {
		return `${quoted(text)} holds what may not stand here`;
	}
	if (rules.references && schema.format !== 'value' && /\$\{(?:env|file):/.test(text)) {
		return `\${env:…} and \${file:…} can stand in the values of env and config only`;
	}
	return undefined;
}

function typesOf({ type, enum: names }: ConfigurationSchema): readonly string[] {
	if (type === undefined) return names ? ['string'] : Object.keys(typeNames);
	return typeof type === 'string' ? [type] : type;
}

/** Expectations of a schema, in words. */
function expectationsOf(schema: ConfigurationSchema): readonly string[] {
	if (schema.enum) return schema.enum;
	if (schema.format === 'duration' || schema.format === 'timeout')
		return ['a duration with its unit, such as 5m'];
	return typesOf(schema).map((type) => typeNames[type] ?? type);
}

function isEmpty(node: YamlNode): boolean {
	return node.kind === 'scalar' && node.value === null;
}

function isOfType(node: YamlNode, type: string, rules: SchemaRules): boolean {
	if (node.kind === 'map') return type === 'object';
	if (node.kind === 'list') return type === 'array';
	if (type === 'boolean') return booleanOf(node, rules.oldBooleans) !== undefined;
	if (type === 'integer') return Number.isSafeInteger(node.value);
	if (node.value === null) return type === 'null';
	return typeof node.value === type;
}

function kindOf(node: YamlNode): string {
	if (node.kind === 'map') return 'a map';
	if (node.kind === 'list') return 'a list';
	if (node.value === null) return 'empty';
	if (typeof node.value === 'boolean') return String(node.value);
	return typeof node.value === 'number' ? 'a number' : 'a text';
}

/** Advice on what to write instead, where the intention is plain. */
function adviceFor(node: YamlNode, expected: readonly string[]): string {
	if (node.kind !== 'scalar' || node.value === null) return '';
	if (expected.includes('a text')) return ': put it in quotes';
	if (!expected.includes('true or false')) return '';
	const meant = booleanOf(node, true);
	return meant === undefined ? '' : `: write ${meant}`;
}

function alternatives(words: readonly string[]): string {
	const distinct = [...new Set(words)];
	if (distinct.length < 2) return distinct.join('');
	return `${distinct.slice(0, -1).join(', ')} or ${distinct.at(-1)}`;
}
