import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/runtime/wire/json-value.ts';
import {
	type ConfigurationSchema,
	configurationSchema,
	formatSchemas,
	resolveSchema,
} from '../../../src/toolchain/configuration/configuration-schema.ts';
import { TextReader } from './read-text.ts';
import { writeYaml } from './write-yaml.ts';

const ajv = new Ajv2020({ validateFormats: false, allErrors: true, allowUnionTypes: true });
ajv.addSchema(configurationSchema, 'orchestra');

/** Documents with every key in them. */
const documents: Record<'orchestra' | 'go', JsonObject> = {
	orchestra: {
		listen: ['quic://127.0.0.1:1', 'tcp://127.0.0.1:2'],
		certs_dir: 'certs',
		monitor: 9464,
		plugins: [
			{
				id: 'a',
				module: 'a',
				spawn: true,
				enabled: true,
				args: ['x', 1, true],
				carrier: 'tcp',
				env: { ONE: 'one', 'with.dot': 2 },
				inherit_env: ['TWO'],
				config: { three: 3 },
				provides_storage: ['s'],
				provides_ai: ['p'],
				depends_on: ['b'],
				start: 'on-call',
				idle_stop: '5m',
				replicas: 2,
				singleton: true,
				supervision: {
					ready: '20s',
					register: '2s',
					boot: '1m',
					health_every: '2s',
					health_timeout: '1s',
				},
				restart: {
					when: 'never',
					budget: 1,
					within: '5m',
					back_off: { initial: '1s', max: '2s' },
				},
			},
			{
				id: 'b',
				binary: 'b',
				inherit_env: true,
				restart: 'on-failure',
				go_plugin: {
					cookie: 'KEY=value',
					protocol: [1, 2],
					mtls: false,
					sha256: 'ab'.repeat(32),
					seams: { store: 'a.B' },
					callbacks: [{ field: 'id', service: 'a.B', methods: { C: 'c' } }],
				},
			},
			{ id: 'c', address: 'tcp://127.0.0.1:3' },
			{ id: 'd', mcp: { command: 'npx', args: ['-y', 'e'], env: { F: 'g' }, cwd: '.' } },
			{ id: 'h', mcp: { url: 'https://i.example/mcp', headers: { Authorization: 'j' } } },
		],
		supervision: {
			ready: '20s',
			register: '2s',
			boot: '1m',
			health_every: '2s',
			health_timeout: '1s',
		},
		routes: { tools: { t: 'a' }, prompts: { p: 'b' }, storage: { s: 'c' } },
		providers: { grok: 'openai' },
		default_provider: 'claude',
		cluster: {
			node: 'n',
			servers: ['tls://nats:4222'],
			name: 'o',
			advertise: ['tcp://10.0.0.1:1'],
			direct: false,
			lease: '10s',
			copies: 3,
			durable: ['jobs.**'],
		},
		access: {
			operators: ['cli'],
			nodes: ['n'],
			strict: false,
			rules: [
				{
					name: 'r',
					certificates: ['c'],
					tools: ['t'],
					prompts: ['p'],
					publish: ['x'],
					subscribe: ['x'],
					storage: ['s'],
					administer: true,
				},
			],
		},
	},
	go: {
		listen_addr: 'localhost:1',
		tcp_addr: 'localhost:2',
		certs_dir: 'certs',
		plugins: [
			{
				id: 'a',
				binary: 'a',
				args: ['x', 1],
				env: { ONE: 'one' },
				config: { two: 2 },
				enabled: true,
				provides_storage: ['s'],
				provides_ai: ['p'],
				depends_on: ['b'],
			},
			{ id: 'b', binary: 'b', enabled: true },
		],
	},
};

/** Paths of all values: keys and indexes. */
function pathsOf(value: JsonValue, path: (string | number)[] = []): (string | number)[][] {
	if (typeof value !== 'object' || value === null) return [path];
	const entries: [string | number, JsonValue][] = Array.isArray(value)
		? [...value.entries()]
		: (Object.entries(value) as [string, JsonValue][]);
	return [path, ...entries.flatMap(([key, part]) => pathsOf(part, [...path, key]))];
}

function formatPath(path: readonly (string | number)[]): string {
	return path.reduce<string>((text, key) => {
		if (typeof key === 'number') return `${text}[${key}]`;
		if (!/^[\w-]+$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
		return text === '' ? key : `${text}.${key}`;
	}, '');
}

/** The document with another value at a path. */
function replaced(value: JsonValue, path: readonly (string | number)[], other: JsonValue): JsonValue {
	const [key, ...rest] = path;
	if (key === undefined) return other;
	const copy = structuredClone(value) as Record<string | number, JsonValue>;
	copy[key] = replaced(copy[key] as JsonValue, rest, other);
	return copy as JsonValue;
}

/** One value of each type of JSON. */
const values: JsonValue[] = [{ q: 'x' }, ['x'], 'q', 7, -1, 2.5, true, null];

/** The named properties of a schema, all the way down: `plugins.[].restart.when`. */
function propertiesOf(schema: ConfigurationSchema, path = ''): string[] {
	const whole = resolveSchema(schema);
	const branches = whole.anyOf ?? [whole];
	return branches
		.map(resolveSchema)
		.flatMap((branch) => [
			...Object.entries(branch.properties ?? {}).flatMap(([name, part]) => [
				`${path}.${name}`,
				...propertiesOf(part, `${path}.${name}`),
			]),
			...(branch.items ? propertiesOf(branch.items, `${path}.[]`) : []),
		]);
}

const reader = new TextReader();

describe.each(['orchestra', 'go'] as const)('the schema of the %s format', (format) => {
	const file = format === 'go' ? 'plugins.yaml' : 'orchestra.yaml';
	const document = documents[format];
	const validate = ajv.compile({ $ref: format === 'go' ? 'orchestra#/$defs/go_format' : 'orchestra#' });

	test('is met by a document with every key in it, and every key is in that document', async () => {
		expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
		expect((await reader.read(JSON.stringify(document), file)).warnings).toEqual([]);
		const used = new Set(
			pathsOf(document).map((path) => path.map((key) => `.${typeof key === 'number' ? '[]' : key}`).join('')),
		);
		expect(propertiesOf(formatSchemas[format]).filter((path) => !used.has(path))).toEqual([]);
	});

	// ajv says what is wrong, the writer says where.
	test('is what the reader holds a file to: a wrong type anywhere is reported at its place', async () => {
		const cases = pathsOf(document)
			.filter((path) => path.length > 0)
			.flatMap((path) => values.map((value) => ({ path, value })));
		// Each with a style of its own; the seed makes a failure come again.
		const styles = fc.sample(fc.infiniteStream(fc.nat()), { numRuns: cases.length, seed: 7 });
		let refused = 0;
		for (const [index, { path, value }] of cases.entries()) {
			const changed = replaced(document, path, value);
			const pointer = `/${path.join('/').replaceAll('~', '~0')}`;
			const valid = validate(changed);
			const here = valid
				? []
				: (validate.errors ?? []).filter((error) => error.instancePath.startsWith(pointer));
			// Where one of several types is right, it is what stands within that is wrong.
			const wrongHere =
				here.length > 0 &&
				here.every(
					({ instancePath, keyword }) =>
						instancePath === pointer && ['type', 'enum', 'anyOf'].includes(keyword),
				);
			// Go takes an empty value for none, and YAML's old booleans for booleans.
			if (format === 'go' && value === null) continue;
			if (!wrongHere) continue;
			refused++;
			const style = styles[index] as Iterator<number>;
			const { text, positions } = writeYaml(changed, (below) => (style.next().value as number) % below);
			const key = formatPath(path);
			const place = `${positions.get(key)}: ${key}: must be `;
			const faults = await reader.faults(text, file);
			expect(
				faults.some((fault) => fault.startsWith(place)),
				`${place}…\n${faults.join('\n')}\n${text}`,
			).toBe(true);
		}
		expect(refused).toBeGreaterThan(50);
	});

	test('accepts what the reader accepts', async () => {
		const paths = pathsOf(document).filter((path) => path.length > 0);
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.tuple(fc.constantFrom(...paths), fc.constantFrom(...values)), { maxLength: 2 }),
				async (changes) => {
					let changed: JsonValue = document;
					for (const [path, value] of changes) {
						try {
							changed = replaced(changed, path, value);
						} catch {
							return; // The first change took the second one's place away.
						}
					}
					const read = await reader.read(JSON.stringify(changed), file).catch(() => undefined);
					// Of a null Go says nothing, the schema does.
					if (format === 'go' && JSON.stringify(changed).includes('null')) return;
					if (read && !validate(changed)) {
						throw new Error(`read: ${JSON.stringify(changed)}\n${JSON.stringify(validate.errors)}`);
					}
				},
			),
			{ numRuns: 300 },
		);
	});
});
