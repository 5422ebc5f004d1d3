import type { ConfigurationSchema } from '../../toolchain/configuration/configuration-schema.ts';

/** Anything. It leads to itself: what is checked is only as deep as the file is. */
const anything: { additionalProperties?: ConfigurationSchema; items?: ConfigurationSchema } = {};
anything.additionalProperties = anything;
anything.items = anything;

const text: ConfigurationSchema = { type: 'string' };
const name: ConfigurationSchema = { type: 'string', minLength: 1 };
const object: ConfigurationSchema = { type: 'object', additionalProperties: anything };
const texts: ConfigurationSchema = { type: 'object', additionalProperties: text };

const storedEntry: ConfigurationSchema = {
	type: 'object',
	properties: { type: name, path: name, text, matches: name, absent: { type: 'boolean' } },
	required: ['type', 'path'],
};

const event: ConfigurationSchema = {
	type: 'object',
	properties: { topic: name, type: name, payload: object },
	required: ['topic'],
};

const expectation: ConfigurationSchema = {
	type: 'object',
	properties: {
		result: anything,
		subset: anything,
		schema: object,
		matches: name,
		error: {
			anyOf: [name, { type: 'object', properties: { code: name, matches: name }, required: ['code'] }],
		},
		chunks: { type: 'array', items: anything },
		storage: { type: 'array', items: storedEntry },
		events: { type: 'array', items: event },
	},
};

const testCase: ConfigurationSchema = {
	type: 'object',
	properties: {
		name,
		call: name,
		prompt: name,
		with: object,
		slow: { type: 'boolean' },
		timeout: { type: 'string', format: 'timeout' },
		expect: expectation,
	},
};

/** Schema of a `*.cases.yaml`. */
export const casesSchema: ConfigurationSchema = {
	type: 'object',
	properties: {
		config: texts,
		storage: { type: 'object', additionalProperties: texts },
		cases: { type: 'array', minItems: 1, items: testCase },
	},
	required: ['cases'],
};
